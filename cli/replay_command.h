// `tidemark replay DIR`: the stored run again, compared with what is stored of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace tidemark::cli {

struct ReplayArguments {
  std::string folder;
  std::string format = "text";
  std::string until;     // "1.5 s" of virtual time; empty = to the end
  std::string log_from;  // lines for people from this time on; empty = none
  std::string log = "info";
  std::uint64_t break_at_event = 0;  // 0 = never
};
/// 0 to 3 as the run, when the replay is equal; 70 when it differs although the program is the same; 64 when the
/// program is another one.
int replay_command(const ReplayArguments& arguments);

/// Adds the command; `action` becomes what it does when it is given.
void add_replay(CLI::App& app, std::function<int()>& action);

}  // namespace tidemark::cli
