"""Writes the newsroom's lists: an RSS feed, an Atom feed and a news sitemap.

They follow RSS 2.0, RFC 4287 and Google's news sitemaps. An English story may be in the feed and in
the sitemap, under differently spelt addresses.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from tasks.sources.sample.faults import PUBLISHED, Fault
from tasks.sources.sample.markup import body_html
from tasks.sources.sample.story import HOME, Story

_SUMMER_OFFSET = timezone(timedelta(hours=-4))  # such feeds print -0400 even in winter
_TRACKING = (
    "?utm_source=newsroom_taxonomy&utm_medium=rss_feed_free"
    "&utm_content=taxonomy_rss&utm_campaign=channel"
)
_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xml:base="{home}" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>Newsroom</title>
<link>{home}/</link>
<description>Stock market news from the bundled newsroom</description>
<language>en</language>
<lastBuildDate>{built}</lastBuildDate>
<atom:link href="{home}/feed" rel="self" type="application/rss+xml"/>
{items}
</channel>
</rss>
"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="it">
<title>Newsroom Italia</title>
<id>{home}/it</id>
<link rel="self" href="{home}/it/feed.atom"/>
<link rel="alternate" href="{home}/it"/>
<updated>{built}</updated>
{entries}
</feed>
"""
_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{urls}
</urlset>
"""


def rss(stories: Sequence[Story], faults: Iterable[Fault] = ()) -> str:
    """Return the RSS feed of the stories that are in it, newest first, then the faults."""
    listed = _in(stories, "feed")
    items = [*map(_rss_item, listed), *(_fault_item(fault) for fault in faults if fault.listed)]
    return _RSS.format(home=HOME, built=_rfc822(newest(listed)), items="\n".join(items))


def atom(stories: Sequence[Story]) -> str:
    """Return the Atom feed of the stories that are in it, newest first."""
    listed = _in(stories, "atom")
    return _ATOM.format(
        home=HOME,
        built=newest(listed).isoformat(),
        entries="\n".join(map(_atom_entry, listed)),
    )


def sitemap(stories: Sequence[Story]) -> str:
    """Return the news sitemap of the stories that are in it, newest first."""
    return _SITEMAP.format(urls="\n".join(map(_sitemap_url, _in(stories, "sitemap"))))


def _in(stories: Iterable[Story], name: str) -> list[Story]:
    return [story for story in stories if name in story.lists]


def newest(stories: Iterable[Story]) -> datetime:
    """Return when one of the stories was last changed; aware."""
    return max((story.changed for story in stories), default=PUBLISHED)


def _rfc822(instant: datetime) -> str:
    return format_datetime(instant.astimezone(_SUMMER_OFFSET))


def _rss_item(story: Story) -> str:
    title = escape(story.title, quote=False)
    if story.is_title_escaped_twice:
        title = title.replace("’", "&amp;#8217;").replace("—", "&amp;#8212;")
    changed = f"<atom:updated>{story.changed.isoformat()}</atom:updated>" if story.updated else ""
    return f"""<item>
<title>{title}</title>
{_rss_link(story)}<description>{_rss_description(story)}</description>
<dc:creator>{escape(story.byline or ", ".join(story.authors), quote=False)}</dc:creator>
<pubDate>{_rfc822(story.published)}</pubDate>{changed}
<guid isPermaLink="false">{story.number or story.slug} at {HOME}</guid>
{_rss_categories(story)}{_rss_content(story)}</item>"""


def _rss_link(story: Story) -> str:
    if not story.path:
        return ""
    return (
        f"<link>{escape(story.url + _TRACKING)}</link>\n"
        f'<media:content url="{HOME}/files/images/story/2026/{story.slug}.jpeg"'
        ' type="image/jpeg"/>\n'
    )


def _rss_description(story: Story) -> str:
    if story.feed == "headline" or not story.description:
        return " "
    return escape(f"<p>{escape(story.description, quote=False)}</p>", quote=False)


def _rss_categories(story: Story) -> str:
    channels = (f"<category>{escape(word)}</category>\n" for word in story.keywords)
    stocks = (
        f'<category domain="{HOME}/rss/stock">{escape(stock)}</category>\n'
        for stock in story.stocks
    )
    return "".join([*channels, *stocks])


def _rss_content(story: Story) -> str:
    if story.feed != "full":
        return ""
    return f"<content:encoded><![CDATA[{body_html(story.body, story.style)}]]></content:encoded>\n"


def _fault_item(fault: Fault) -> str:
    return f"""<item>
<title>{escape(fault.title, quote=False)}</title>
<link>{escape(fault.url + _TRACKING)}</link>
<description> </description>
<pubDate>{_rfc822(PUBLISHED)}</pubDate>
<guid isPermaLink="false">{fault.path.split("/")[4]} at {HOME}</guid>
</item>"""


def _atom_entry(story: Story) -> str:
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in story.authors)
    words = "".join(f'<category term="{escape(word)}"/>' for word in story.keywords)
    return f"""<entry>
<title>{escape(story.title, quote=False)}</title>
<id>{story.url}</id>
<link rel="alternate" type="text/html" href="{story.url}"/>
<published>{story.published.isoformat()}</published>
<updated>{story.changed.isoformat()}</updated>
{authors}{words}
<summary type="html">{escape(escape(story.description, quote=False), quote=False)}</summary>
</entry>"""


def _sitemap_url(story: Story) -> str:
    tickers = ", ".join(story.stocks)
    stocks = f"<news:stock_tickers>{escape(tickers)}</news:stock_tickers>" if tickers else ""
    return f"""<url>
<loc>{escape(_respelt(story))}</loc>
<lastmod>{story.changed.isoformat()}</lastmod>
<news:news><news:publication><news:name>Newsroom</news:name><news:language>{story.language}\
</news:language></news:publication>
<news:publication_date>{story.published.isoformat()}</news:publication_date>
<news:title>{escape(story.title, quote=False)}</news:title>
<news:keywords>{escape(", ".join(story.keywords), quote=False)}</news:keywords>{stocks}</news:news>
</url>"""


def _respelt(story: Story) -> str:
    """Return the address as the sitemap spells it: without tracking, some with a slash."""
    return f"{story.url}/" if "feed" in story.lists and len(story.slug) % 2 else story.url
