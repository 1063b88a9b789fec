#include "cli/simulate.h"

#include <system_error>

#include "checkers/history/history_io.h"
#include "cli/commands.h"

namespace tidemark::cli {

scenarios::RunResult simulate(const scenarios::RunRequest& request) {
  try {
    return scenarios::run_scenario(request);
  } catch (const scenarios::ScenarioError& error) {
    throw UsageError(error.what());
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  } catch (const std::system_error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace tidemark::cli
