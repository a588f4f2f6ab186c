"""Draws the logo and the icon and cuts the shipped fonts to size. Run once when the brand or the wording's characters change.

    python -m venv .fonts && .fonts/bin/pip install fonttools brotli pillow
    .fonts/bin/python docs/look.py INTER_VARIABLE.woff2 NOTO_SANS_CJK_FOLDER

Sources: Inter (npm @fontsource-variable/inter, latin with optical sizes), Noto Sans CJK SC (Debian fonts-noto-cjk).
Both are under the SIL Open Font License; its texts lie beside the fonts.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "static" / "fonts"
LOOK = ROOT / "pages" / "shell" / "look"
STEPS = ((0, 15, "#7DB8DC"), (9, 8, "#2E86BB"), (18, 0, "#0F5E8C"))  # x, top, colour: three tiers, each a step higher
INK = {"light": "#16202A", "dark": "#E6EDF3"}


def characters() -> str:
    """GB 2312 symbols and level 1 (the 3,755 characters of everyday text), ASCII and every character of the language files."""
    lead = [*range(0xA1, 0xA4), *range(0xB0, 0xD8)]
    gb2312 = (bytes([high, low]).decode("gb2312", "ignore") for high in lead for low in range(0xA1, 0xFF))
    wording = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "analytics" / "i18n").glob("*.toml"))
    return "".join(sorted({*"".join(gb2312), *map(chr, range(0x20, 0x7F)), *wording} - {"\n"}))


def cut(folder: Path, weight: str) -> None:
    """One weight of the Chinese font with the characters that are needed."""
    font = TTFont(folder / f"NotoSansCJK-{weight}.ttc", fontNumber=2)
    options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False, desubroutinize=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters())
    subsetter.subset(font)
    subset.save_font(font, FONTS / f"NotoSansSC-{weight}.woff2", options)


def word_path(inter: Path, text: str) -> tuple[str, float]:
    """The word as an outline 20 px high (an image cannot use the page's fonts), and its width."""
    font = instantiateVariableFont(TTFont(inter), {"wght": 680, "opsz": 28})
    scale, glyphs, x = 22 / font["head"].unitsPerEm, font.getGlyphSet(), 0.0
    pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.2f}".rstrip("0").rstrip("."))
    for name in (font.getBestCmap()[ord(letter)] for letter in text):
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, 36 + x, 21)))
        x += glyphs[name].width * scale - 0.3
    return pen.getCommands(), 36 + x


def draw_logo(inter: Path) -> None:
    path, width = word_path(inter, "Tierwise")
    bars = "".join(f'<rect x="{x}" y="{top + 2}" width="7" height="{24 - top}" rx="2" fill="{colour}"/>' for x, top, colour in STEPS)
    for theme, ink in INK.items():
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} 28">{bars}<path d="{path}" fill="{ink}"/></svg>'
        (LOOK / f"logo-{theme}.svg").write_text(svg + "\n", encoding="utf-8")


def draw_icon(size: int = 128) -> None:
    """The mark alone, drawn four times too large and scaled down for smooth edges."""
    image = Image.new("RGBA", (4 * size, 4 * size))
    pen, unit = ImageDraw.Draw(image), 4 * size / 32
    for x, top, colour in STEPS:
        pen.rounded_rectangle([(x + 3.5) * unit, (top + 4) * unit, (x + 10.5) * unit, 28 * unit], radius=2 * unit, fill=colour)
    image.resize((size, size), Image.Resampling.LANCZOS).save(LOOK / "icon.png", optimize=True)


def main(inter: Path, noto: Path) -> None:
    FONTS.mkdir(parents=True, exist_ok=True)
    LOOK.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(inter, FONTS / "InterVariable.woff2")
    (FONTS / "characters.txt").write_text(characters(), encoding="utf-8")
    for weight in ("Regular", "Bold"):
        cut(noto, weight)
    draw_logo(inter)
    draw_icon()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
