#include "checkers/explain/page.h"

#include <fmt/core.h>

#include "checkers/explain/explain.h"
#include "checkers/explain/markup.h"
#include "checkers/explain/picture.h"

namespace tidemark::checkers {
namespace {

using why::escaped;

constexpr const char* kStyle =
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--rule:#d0d7de;--bad:#c4231c;--good:#1a7f37}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#14171a;--rule:#3d444d;--bad:#ff7b72;--good:#57c26f}"
    "}"
    "\nbody{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:76rem;margin:2rem "
    "auto;padding:0 1rem}\n"
    "pre{overflow-x:auto;border:1px solid var(--rule);border-radius:4px;padding:.75rem;font:13px/1.45 "
    "ui-monospace,Menlo,Consolas,monospace}\n"
    ".picture{overflow-x:auto}.invalid{color:var(--bad)}.valid{color:var(--good)}\n"
    "section{border-top:1px solid var(--rule);margin-top:2rem}\n";

std::string transactions(std::uint64_t count) {
  return fmt::format("{} transaction{}", count, count == 1 ? "" : "s");
}

std::string section_of(const PageInput& input, std::size_t number) {
  const Anomaly& anomaly = input.judgement->anomalies[number];
  std::string text = fmt::format("<section>\n<h2>{}. {}</h2>\n", number + 1, escaped(anomaly.name));
  text += fmt::format("<pre>{}</pre>\n", escaped(explain(*input.history, "", anomaly, input.orders)));
  text += fmt::format("<div class=\"picture\">\n{}</div>\n", draw(*input.history, anomaly, input.orders));
  if (number >= input.minimal.size()) return text + "</section>\n";
  const Minimal& minimal = input.minimal[number];
  text += fmt::format("<h3>The least that still fails: {} of {}</h3>\n", minimal.history.transactions().size(),
                      transactions(input.history->transactions().size()));
  text += fmt::format("<pre>{}</pre>\n", escaped(explain(minimal.history, "", minimal.anomaly, input.orders)));
  if (number < input.minimal_texts.size()) {
    text += fmt::format("<p>As a file:</p>\n<pre>{}</pre>\n", escaped(input.minimal_texts[number]));
  }
  return text + "</section>\n";
}

}  // namespace

std::string judgement_page(const PageInput& input) {
  const Judgement& judgement = *input.judgement;
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>{}: {}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
      escaped(input.title), to_text(judgement.validity), kStyle);
  text += fmt::format("<h1>{}</h1>\n<p><strong class=\"{}\">{}</strong> under the model {}: {}</p>\n",
                      escaped(input.title), to_text(judgement.validity), to_text(judgement.validity),
                      escaped(input.model), escaped(input.guarantee));
  text += fmt::format("<p>{} judged.</p>\n", transactions(judgement.observations));
  if (!judgement.reason.empty()) text += fmt::format("<p>{}</p>\n", escaped(judgement.reason));
  for (std::size_t i = 0; i < judgement.anomalies.size(); ++i) text += section_of(input, i);
  return text + "</body>\n</html>\n";
}

}  // namespace tidemark::checkers
