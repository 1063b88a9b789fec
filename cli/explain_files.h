// What `tidemark check` writes about a history that is not as promised: a picture, a page, the least that still fails.
#pragma once

#include <string>

#include "checkers/explain/derive.h"
#include "cli/judgement_output.h"

namespace tidemark::cli {

struct ExplainFiles {
  std::string svg;      // of the first anomaly; empty: none is asked for, here and below
  std::string html;     // the whole judgement
  std::string minimal;  // of the first anomaly; the ending says the format: .jsonl, .json, .kv, .txt (plume), else EDN
  bool any() const { return !svg.empty() || !html.empty() || !minimal.empty(); }
};

/// What the model lets follow from sessions and real time.
checkers::why::Orders orders_of(checkers::Model model);

/// Says on stderr what was written, and what could not be. Throws UsageError when a file cannot be written or its
/// format has no words for the history.
void write_explanations(const ExplainFiles& files, const JudgedFile& file, const checkers::History& history,
                        const checkers::Judgement& judgement);

}  // namespace tidemark::cli
