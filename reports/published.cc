#include "reports/published.h"

namespace tidemark::reports {

std::optional<double> published_confirm_lag_ms(std::string_view primary_region, std::string_view replica_region) {
  struct Row {
    std::string_view primary;
    std::string_view replica;
    double ms;
  };
  static constexpr Row kRows[] = {
      {"ENAM", "WNAM", 45}, {"ENAM", "WEUR", 55}, {"ENAM", "EEUR", 67},
      {"WNAM", "ENAM", 30}, {"WNAM", "WEUR", 75}, {"WNAM", "EEUR", 75},
  };
  for (const Row& row : kRows) {
    if (row.primary == primary_region && row.replica == replica_region) return row.ms;
  }
  return std::nullopt;
}

}  // namespace tidemark::reports
