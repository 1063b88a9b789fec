#include "cli/build_info.h"

#include <fmt/core.h>

#include "base/version.h"
#include "cli/generated_build_info.h"
#include "model/sqlite/library.h"

namespace tidemark::cli {

const reports::BuildIdentity& build_identity() {
  static const reports::BuildIdentity kIdentity = {kVersion, generated::kCommit, generated::kDirty,
                                                   generated::kCompiler, model::sqlite::library_version()};
  return kIdentity;
}

std::string version_text() {
  const reports::BuildIdentity& build = build_identity();
  return fmt::format("tidemark {} (commit {}, {}; {}; SQLite {})", build.version, build.commit.substr(0, 12),
                     build.dirty ? "dirty" : "clean", build.compiler, build.sqlite);
}

}  // namespace tidemark::cli
