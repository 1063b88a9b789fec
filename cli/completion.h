// Shell completion, generated from the command tree so that it cannot fall behind it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tidemark::cli {

/// A script for bash, zsh or fish that completes the commands, options and choices of `app`; empty for other shells.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace tidemark::cli
