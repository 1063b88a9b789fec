// What a checker said about somebody's history, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "checkers/formats/format.h"
#include "checkers/judge/models.h"

namespace tidemark::cli {

/// For the command line: "auto" and every format; every model.
std::vector<std::string> history_format_names();
std::vector<std::string> model_names();

struct JudgedFile {
  std::string path;
  checkers::Format format = checkers::Format::kTidemark;
  const checkers::ModelInfo* model = nullptr;
  checkers::ReadSummary summary;
  checkers::JudgeOptions options{};
};

/// What the reader left out or took for granted: "note: ..." lines, or nothing.
std::string remarks(const checkers::ReadSummary& summary);

std::string judgement_text(const JudgedFile& file, const checkers::History& history,
                           const checkers::Judgement& judgement);
/// One object: history, format, model, verdict, operations, reason, anomalies [name, transactions, cycle, fact, text].
std::string judgement_json(const JudgedFile& file, const checkers::History& history,
                           const checkers::Judgement& judgement);

}  // namespace tidemark::cli
