#include "sim/core/task.h"

#include <string>

namespace tidemark::sim::detail {

void PromiseBase::unhandled_exception() noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    assertion_failed("no exception leaves a task", __FILE__, __LINE__, error.what());
  } catch (...) {
    assertion_failed("no exception leaves a task", __FILE__, __LINE__, "not a std::exception");
  }
}

}  // namespace tidemark::sim::detail
