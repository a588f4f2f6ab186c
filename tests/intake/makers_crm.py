"""The other layouts of Zoho, Bigin, Shopify and Salesforce Loyalty: newer, older, joined, and what only repeats other files."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.intake import makers
from tests.intake.makers import HEADERS, export


def zoho_accounts_newer(folder: Path) -> Path:
    """Two accounts in the layout with one address in parts."""
    rows = [
        {
            "Record Id": f"zcrm_415086800000120{number}",
            "Account Owner": "Sam Keeper",
            "Account Name": "Ferreira Lda",
            "Industry": "Retail",
            "Phone": "+351 912 345 678",
            "Billing Street": "Rua das Flores 12",
            "Billing Address - City": "Porto",
            "Billing Address - State / Province": region,
            "Billing Address - Country / Region": "Portugal",
            "Created Time": "2024-07-01 09:00:00",
        }
        for number, region in ((1, "Norte"), (2, "Centro"))
    ]
    return export(folder / "Accounts_001.csv", HEADERS["zoho_accounts_newer"], rows)


def zoho_joined(folder: Path) -> Path:
    """The six deals of `makers.zoho_deals` as a joined report, `X(X)` in the place of `X`, three columns of other modules behind."""
    with makers.zoho_deals(folder).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {
        name: f"{name.removesuffix('.id')}({name.removesuffix('.id')}){'.id' * name.endswith('.id')}" for name in HEADERS["zoho_deals"]
    }
    header = [*names.values(), "Created Time", "Lead Source(Lead Source)", "Account Owner(Account Owner).id"]
    joined = [{**{names[name]: value for name, value in row.items()}, "Created Time": "2024-10-07 18:55:00"} for row in rows]
    return export(folder / "Deals_joined.csv", header, joined)


def bigin_deals(folder: Path) -> Path:
    """Four deals: won 1,500.00 + 250.50 = 1,750.50 of two contacts; one lost, one open."""
    rows = [
        {
            "Deal Id": f"zcrm_600000000000{key}",
            "Deal Owner": "Sam Keeper",
            "Deal Name": f"Order {key}",
            "Company Name.id": "zcrm_6000000000007001",
            "Company Name": "Ferreira Lda",
            "Contact Name.id": contact,
            "Contact Name": "Ana Ferreira",
            "Pipeline": "Sales",
            "Amount": amount,
            "Stage": stage,
            "Closing Date": day,
            "Created Time": "Oct 7, 2024 6:55 PM",
        }
        for key, contact, amount, stage, day in (
            ("1", "zcrm_6000000000008001", "$1,500.00", "Closed Won", "Mar 14, 2025"),
            ("2", "zcrm_6000000000008002", "$250.50", "Closed Won", "Apr 2, 2025"),
            ("3", "zcrm_6000000000008001", "$900.00", "Closed Lost", "Apr 9, 2025"),
            ("4", "zcrm_6000000000008002", "$700.00", "Qualification", "Dec 1, 2026"),
        )
    ]
    return export(folder / "Pipelines_2025_10_07.csv", HEADERS["bigin_deals"], rows)


def bigin_contacts(folder: Path) -> Path:
    """Three contacts of one company."""
    rows = [
        {
            "Contact Id": f"zcrm_600000000000800{number}",
            "Contact Owner": "Sam Keeper",
            "First Name": "Ana",
            "Last Name": last,
            "Contact Name": f"Ana {last}",
            "Company Name.id": "zcrm_6000000000007001",
            "Company Name": "Ferreira Lda",
            "Email": "ana.ferreira@example.com",
            "Phone": "+351 912 345 678",
            "Mailing City": "Porto",
            "Created Time": "Jul 8, 2024 2:56 PM",
            "Email Opt Out": "false",
        }
        for number, last in ((1, "Ferreira"), (2, "Okonkwo"), (3, "Lindqvist"))
    ]
    return export(folder / "Contacts_bigin.csv", HEADERS["bigin_contacts"], rows)


def shopify_customers_older(folder: Path) -> Path:
    """Two customers, without ids."""
    rows = [
        {
            "First Name": "Ana",
            "Last Name": "Ferreira",
            "Email": email,
            "Accepts Email Marketing": "yes",
            "Address1": "Rua das Flores 12",
            "City": "Porto",
            "Province": "Porto",
            "Phone": "'+351 912 345 678",
            "Total Spent": "153.00",
            "Total Orders": "2",
        }
        for email in ("ana.ferreira@example.com", "chidi@example.org")
    ]
    return export(folder / "customers_export_old.csv", HEADERS["shopify_customers_older"], rows)


def salesforce_tier_rules(folder: Path) -> Path:
    """Three tiers with what they ask."""
    rows = [
        {"Id": f"0lt{rank}", "LoyaltyTierGroupId": "0lg1", "Name": name, "SequenceNumber": rank, "MinimumEligibleBalance": least}
        for rank, name, least in ((1, "Bronze", 0), (2, "Silver", 500), (3, "Gold", 2000))
    ]
    return export(folder / "LoyaltyTier.csv", HEADERS["salesforce_tier_rules"], rows)


def salesforce_other(folder: Path, name: str) -> Path:
    """One record of an object that repeats or frames what the ledger and the journal tell."""
    rows = [{"Id": "0lx5g0000000001AAA", "IsDeleted": "false", "CreatedDate": "2025-01-02T03:04:05.000Z"}]
    return export(folder / f"{name}.csv", HEADERS[name], rows)
