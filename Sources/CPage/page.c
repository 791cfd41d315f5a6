// The page's files, as they lie in the folder `Page`: the compiler reads them.

#include "CPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define SCRIPT "text/javascript; charset=utf-8"

static const unsigned char admin_js[] = {
#embed "Page/admin.js"
};
static const unsigned char api_js[] = {
#embed "Page/api.js"
};
static const unsigned char app_js[] = {
#embed "Page/app.js"
};
static const unsigned char columns_js[] = {
#embed "Page/columns.js"
};
static const unsigned char configuration_js[] = {
#embed "Page/configuration.js"
};
static const unsigned char detail_js[] = {
#embed "Page/detail.js"
};
static const unsigned char dom_js[] = {
#embed "Page/dom.js"
};
static const unsigned char export_js[] = {
#embed "Page/export.js"
};
static const unsigned char facets_js[] = {
#embed "Page/facets.js"
};
static const unsigned char histogram_js[] = {
#embed "Page/histogram.js"
};
static const unsigned char icon_svg[] = {
#embed "Page/icon.svg"
};
static const unsigned char index_html[] = {
#embed "Page/index.html"
};
static const unsigned char keys_js[] = {
#embed "Page/keys.js"
};
static const unsigned char letters_js[] = {
#embed "Page/letters.js"
};
static const unsigned char list_js[] = {
#embed "Page/list.js"
};
static const unsigned char live_js[] = {
#embed "Page/live.js"
};
static const unsigned char logs_js[] = {
#embed "Page/logs.js"
};
static const unsigned char menu_js[] = {
#embed "Page/menu.js"
};
static const unsigned char page_css[] = {
#embed "Page/page.css"
};
static const unsigned char panels_css[] = {
#embed "Page/panels.css"
};
static const unsigned char patterns_js[] = {
#embed "Page/patterns.js"
};
static const unsigned char pipelines_js[] = {
#embed "Page/pipelines.js"
};
static const unsigned char query_js[] = {
#embed "Page/query.js"
};
static const unsigned char rates_js[] = {
#embed "Page/rates.js"
};
static const unsigned char records_js[] = {
#embed "Page/records.js"
};
static const unsigned char redaction_js[] = {
#embed "Page/redaction.js"
};
static const unsigned char search_js[] = {
#embed "Page/search.js"
};
static const unsigned char searchbar_js[] = {
#embed "Page/searchbar.js"
};
static const unsigned char start_js[] = {
#embed "Page/start.js"
};
static const unsigned char state_js[] = {
#embed "Page/state.js"
};
static const unsigned char tap_js[] = {
#embed "Page/tap.js"
};
static const unsigned char text_js[] = {
#embed "Page/text.js"
};
static const unsigned char time_js[] = {
#embed "Page/time.js"
};
static const unsigned char token_js[] = {
#embed "Page/token.js"
};

#define FILE(name, type, bytes) {name, type, bytes, sizeof bytes}

static const struct page_file files[] = {
    FILE("admin.js", SCRIPT, admin_js),
    FILE("api.js", SCRIPT, api_js),
    FILE("app.js", SCRIPT, app_js),
    FILE("columns.js", SCRIPT, columns_js),
    FILE("configuration.js", SCRIPT, configuration_js),
    FILE("detail.js", SCRIPT, detail_js),
    FILE("dom.js", SCRIPT, dom_js),
    FILE("export.js", SCRIPT, export_js),
    FILE("facets.js", SCRIPT, facets_js),
    FILE("histogram.js", SCRIPT, histogram_js),
    FILE("icon.svg", "image/svg+xml", icon_svg),
    FILE("index.html", "text/html; charset=utf-8", index_html),
    FILE("keys.js", SCRIPT, keys_js),
    FILE("letters.js", SCRIPT, letters_js),
    FILE("list.js", SCRIPT, list_js),
    FILE("live.js", SCRIPT, live_js),
    FILE("logs.js", SCRIPT, logs_js),
    FILE("menu.js", SCRIPT, menu_js),
    FILE("page.css", "text/css; charset=utf-8", page_css),
    FILE("panels.css", "text/css; charset=utf-8", panels_css),
    FILE("patterns.js", SCRIPT, patterns_js),
    FILE("pipelines.js", SCRIPT, pipelines_js),
    FILE("query.js", SCRIPT, query_js),
    FILE("rates.js", SCRIPT, rates_js),
    FILE("records.js", SCRIPT, records_js),
    FILE("redaction.js", SCRIPT, redaction_js),
    FILE("search.js", SCRIPT, search_js),
    FILE("searchbar.js", SCRIPT, searchbar_js),
    FILE("start.js", SCRIPT, start_js),
    FILE("state.js", SCRIPT, state_js),
    FILE("tap.js", SCRIPT, tap_js),
    FILE("text.js", SCRIPT, text_js),
    FILE("time.js", SCRIPT, time_js),
    FILE("token.js", SCRIPT, token_js),
};

const struct page_file *page_file_at(size_t index) {
  return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
