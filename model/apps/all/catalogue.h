// The catalogue of applications: what `workload.application` can name. A new application is a room of its own beside
// this one and one row in catalogue.cc.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "model/apps/application.h"
#include "model/types/options.h"

namespace tidemark::model {

const std::vector<ApplicationInfo>& application_catalogue();
/// nullptr when there is none.
const ApplicationInfo* find_application(std::string_view name);

/// The application of a workload; nullptr when its kind has none (orders, register, append). The options are valid.
std::shared_ptr<const Application> make_application(const WorkloadOptions& options);

}  // namespace tidemark::model
