// The command line: one tree of commands and options, from which parsing, help and shell completion are derived.
#pragma once

#include <memory>

namespace tidemark::cli {

/// Parses, runs one command, returns its exit code. Never throws.
int run_main(int argc, char** argv);

}  // namespace tidemark::cli
