// The verdicts of our own checkers on one of our own histories, as `tidemark check` prints them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkers/history/history_io.h"
#include "checkers/history/verdict.h"

namespace tidemark::cli {

std::string verdicts_text(const std::string& history, std::size_t operations,
                          const std::vector<checkers::Verdict>& verdicts);
/// One object: history, scenario, seed, verdict, operations, checks [name, verdict, witness, observations].
std::string verdicts_json(const std::string& history, const checkers::HistoryHeader& header, std::size_t operations,
                          const std::vector<checkers::Verdict>& verdicts);
int exit_code_of(checkers::Validity validity);

}  // namespace tidemark::cli
