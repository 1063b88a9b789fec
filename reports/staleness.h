// The staleness report: how old what clients read was, which sequential consistency permits; by region and session.
#pragma once

#include <string>

#include "checkers/staleness/staleness.h"
#include "reports/confirm_lag.h"

namespace tidemark::reports {

/// Sessions shown in text and Markdown: those with the oldest reads. JSON has them all.
inline constexpr std::size_t kSessionsShown = 10;

/// `source`: the history. kText, kMarkdown or kJson; times in ms with one decimal (JSON: three). Ends with a line
/// break. The same figures give the same bytes.
std::string render(const checkers::StalenessReport& report, const std::string& source, Format format);

}  // namespace tidemark::reports
