"""python -m data.programme FOLDER [--language en|zh-CN] [--without EFFECT]... [--with EFFECT]... [--customers N] [--seed N]"""

from __future__ import annotations

import argparse
from pathlib import Path

from data.programme import make
from data.programme.truth import SEED, Switches
from data.programme.words import LANGUAGES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m data.programme", description="Write the demo programme, a CSV file per table.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--without", action="append", default=[], choices=("all", *Switches.names()), metavar="EFFECT")
    parser.add_argument("--with", action="append", default=[], choices=Switches.names(), metavar="EFFECT", dest="including")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    told = parser.parse_args()
    switches = Switches().but(without=told.without, including=told.including)
    make(told.folder, told.language, switches=switches, customers=told.customers, seed=told.seed)


if __name__ == "__main__":
    main()
