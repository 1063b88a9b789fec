// The formats of the confirm-lag report, one function each. Private to reports/; call render() of confirm_lag.h.
#pragma once

#include <string>

#include "reports/confirm_lag.h"

namespace tidemark::reports {

std::string confirm_lag_text(const ConfirmLagReport& report);
std::string confirm_lag_markdown(const ConfirmLagReport& report);
std::string confirm_lag_csv(const ConfirmLagReport& report);
std::string confirm_lag_json(const ConfirmLagReport& report);
std::string confirm_lag_html(const ConfirmLagReport& report);

/// "45.0", or "-" for nothing.
std::string decimal_or_dash(const std::optional<double>& value, const char* format);
/// "1, 2, 3".
std::string seeds_text(const ConfirmLagReport& report);
/// One sentence: the worst cell, or that no cell has a published figure.
std::string summary_sentence(const ConfirmLagReport& report);

}  // namespace tidemark::reports
