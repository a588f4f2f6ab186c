"""Is the data in, and can it be trusted? Import, quality, what it unlocks, versions, settings, templates, deletion."""

from pages.shell import user_errors, words
from pages.shell.deletion import deletion_tab
from pages.shell.heading import title
from pages.shell.imports import import_tab
from pages.shell.quality import quality_tab
from pages.shell.tabs import tabs
from pages.shell.templates import templates_tab
from pages.shell.unlocked import studies_tab
from pages.shell.workspace import settings_tab, versions_tab

title(*(words()(key) for key in ("groups.start", "pages.data.question", "pages.data.method")))
with user_errors():
    tabs({
        "pages.data.import": import_tab,
        "pages.data.quality": quality_tab,
        "pages.data.studies": studies_tab,
        "pages.data.versions": versions_tab,
        "pages.data.settings": settings_tab,
        "pages.data.templates": templates_tab,
        "pages.data.deletion": deletion_tab,
    })
