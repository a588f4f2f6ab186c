"""Deals of other CRM systems, which mean what Zoho's mean: won ones are sales, the others opportunities.

Their customer is the company, else the contact; a company that is known by name only becomes a pseudonym.
"""

from __future__ import annotations

from dataclasses import replace

from analytics.intake.sources.zoho import ZOHO_DEALS

HUBSPOT_DEALS = replace(
    ZOHO_DEALS,
    id="hubspot_deals",
    signature=(("recordid", "dealname", "dealstage", "closedate"),),
    also={
        "closingdate": ("closedate",),
        "createdtime": ("createdate",),
        "stage": ("dealstage",),
        "accountnameid": ("associatedcompanyids",),
        "accountname": ("associatedcompany",),
        "contactnameid": ("associatedcontactids",),
    },
)
SALESFORCE_OPPORTUNITIES = replace(
    ZOHO_DEALS,
    id="salesforce_opportunities",
    signature=(("opportunityname", "stage", "closedate"), ("id", "accountid", "stagename", "closedate")),
    also={
        "recordid": ("opportunityid", "id"),
        "closingdate": ("closedate",),
        "createdtime": ("createddate",),
        "stage": ("stagename",),
        "accountnameid": ("accountid",),
        "currency": ("currencyisocode", "opportunitycurrency"),
    },
)

SOURCES = (HUBSPOT_DEALS, SALESFORCE_OPPORTUNITIES)
