// Records of histories read into a History per second, on one core, by format. The files are generated, once per run.
//
// `history_reading [NAME]`: only the rows whose name contains NAME.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "checkers/formats/format.h"
#include "checkers/formats/tidemark.h"
#include "checkers/history/history_io.h"

namespace tidemark::bench {
namespace {

using namespace checkers;

constexpr std::size_t kOperations = 1'000'000;
constexpr unsigned kSessions = 20;
constexpr std::int64_t kKeys = 100;
constexpr std::size_t kElementsOfAKey = 16;  // then the key retires
constexpr int kRounds = 5;

struct Random {
  std::uint64_t state;
  std::uint64_t below(std::uint64_t limit) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return (mixed ^ (mixed >> 31)) % limit;
  }
};

/// Appends and reads of whole lists, 1 to 3 a transaction, one in a hundred of unknown outcome. Calls `use` with each.
template <typename Use>
void generate(std::size_t count, const Use& use) {
  Random random{1};
  std::vector<std::vector<std::int64_t>> lists(kKeys);
  std::vector<std::int64_t> names(kKeys);
  std::int64_t next_name = 0;
  for (std::int64_t& name : names) name = next_name++;
  std::int64_t next_element = 1;
  for (std::size_t i = 0; i < count; ++i) {
    Operation operation;
    operation.index = i;
    operation.session = operation.process = static_cast<std::uint32_t>(i % kSessions);
    operation.outcome = random.below(100) == 0 ? Outcome::kInfo : Outcome::kOk;
    operation.f = "txn";
    operation.invoke_ns = static_cast<std::int64_t>(i) * 1000;
    operation.complete_ns = operation.invoke_ns + 9000;
    operation.served_by_region = "WEUR";
    operation.bookmark_in = operation.bookmark_out = "00000001-00000001-00004e20-0123456789abcdef0123456789abcdef";
    if (operation.outcome == Outcome::kInfo) operation.error = "D1_ERROR: the network lost the connection";
    std::vector<ListOp> ops(1 + random.below(3));
    for (ListOp& op : ops) {
      const std::size_t slot = random.below(kKeys);
      op.is_append = random.below(2) == 0;
      if (op.is_append && lists[slot].size() >= kElementsOfAKey) {
        lists[slot].clear();
        names[slot] = next_name++;
      }
      op.key = names[slot];
      op.known = operation.outcome == Outcome::kOk;
      if (op.is_append) {
        op.element = next_element++;
        lists[slot].push_back(op.element);
      } else if (op.known) {
        op.elements = lists[slot];
      }
    }
    operation.value = std::move(ops);
    use(operation);
  }
}

std::string micro_ops(const Operation& operation, bool edn, bool known) {
  std::string text = "[";
  for (const ListOp& op : std::get<std::vector<ListOp>>(operation.value)) {
    const char* name = op.is_append ? (edn ? "[:append " : "[\"append\",") : (edn ? "[:r " : "[\"r\",");
    text += (text.size() > 1 ? (edn ? " " : ",") : "") + std::string(name) + std::to_string(op.key) + (edn ? " " : ",");
    if (op.is_append) {
      text += std::to_string(op.element);
    } else if (!known) {
      text += edn ? "nil" : "null";
    } else {
      text += '[';
      for (std::size_t i = 0; i < op.elements.size(); ++i)
        text += (i > 0 ? (edn ? " " : ",") : "") + std::to_string(op.elements[i]);
      text += ']';
    }
    text += ']';
  }
  return text + "]";
}

/// Two records an operation: its invocation and its end.
void put_maps(std::string& out, const Operation& operation, bool edn) {
  for (const bool end : {false, true}) {
    const bool ok = operation.outcome == Outcome::kOk;
    const std::string type = !end ? "invoke" : ok ? "ok" : "info";
    const std::string number = std::to_string(2 * operation.index + (end ? 1 : 0));
    const std::string value = micro_ops(operation, edn, end && ok);
    const std::string process = std::to_string(operation.process);
    if (edn) {
      out += "{:index " + number + ", :time " + std::to_string(operation.invoke_ns) + ", :type :" + type +
             ", :process " + process + ", :f :txn, :value " + value + "}\n";
    } else {
      out += (out.empty() ? "[" : ",\n") + ("{\"index\":" + number) + ",\"type\":\"" + type +
             "\",\"process\":" + process + ",\"f\":\"txn\",\"value\":" + value + "}";
    }
  }
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void measure(const std::string& name, std::size_t records, std::size_t bytes, const std::function<void()>& work) {
  std::vector<double> rounds;
  for (int i = 0; i < kRounds; ++i) {
    const double start = cpu_seconds();
    work();
    rounds.push_back(cpu_seconds() - start);
  }
  std::sort(rounds.begin(), rounds.end());
  const double median = rounds[kRounds / 2];
  std::printf("| %s | %.2f | %.0f | %.2f | %.0f %% |\n", name.c_str(), static_cast<double>(records) / median / 1e6,
              static_cast<double>(bytes) / median / 1e6, static_cast<double>(records) / rounds.front() / 1e6,
              (rounds.back() - rounds.front()) / median * 100);
  std::fflush(stdout);
}

/// A file of the run, gone at its end.
class Scratch {
 public:
  explicit Scratch(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("history_reading." + std::to_string(::getpid()))) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    TIDEMARK_ASSERT(file != nullptr);
    TIDEMARK_ASSERT(std::fwrite(text.data(), 1, text.size(), file) == text.size());
    TIDEMARK_ASSERT(std::fclose(file) == 0);
  }
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void report(const std::string& filter, const std::string& name, const std::string& text, std::size_t records,
            Format format) {
  if (name.find(filter) == std::string::npos) return;
  const Scratch file(text);
  measure(name, records, text.size(), [&] {
    const History history = read_history_file(file.path(), format);
    TIDEMARK_ASSERT(history.transactions().size() == kOperations);
  });
}

struct Lines {
  std::string written;   // as our writer makes them
  std::string spaced;    // the same order of keys, a space behind every comma and colon
  std::string shuffled;  // the same, in an order drawn for each line
};

/// The members of a line's object, each without its comma. Braces and brackets count; quotes hold none in these lines.
std::vector<std::string_view> members(std::string_view line) {
  std::vector<std::string_view> found;
  int open = 0;
  std::size_t first = 1;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') --open;
    if (open == 0 || (open == 1 && c == ',')) {
      found.push_back(line.substr(first, i - first));
      first = i + 1;
    }
    if (open == 0) break;
  }
  return found;
}

void put_spaced(std::string& out, std::string_view text) {
  bool quoted = false;
  for (const char c : text) {
    out += c;
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ',' || c == ':')) out += ' ';
  }
}

Lines make_lines() {
  HistoryFormatter formatter;
  formatter.header({"bench", 1, ModelKind::kAppend});
  Lines lines;
  Random random{2};
  lines.spaced = lines.shuffled = lines.written = formatter.buffer();
  formatter.buffer().clear();
  generate(kOperations, [&](const Operation& operation) {
    formatter.operation(operation);
    std::string& line = formatter.buffer();
    lines.written += line;
    put_spaced(lines.spaced, line);
    std::vector<std::string_view> parts = members(line);
    for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[random.below(i)]);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      lines.shuffled += i == 0 ? "{ " : ", ";
      put_spaced(lines.shuffled, parts[i]);
    }
    lines.shuffled += " }\n";
    line.clear();
  });
  return lines;
}

/// Operation by operation, as `tidemark check` reads them.
void stream(const std::string& filter, const std::string& name, const std::string& text) {
  if (name.find(filter) == std::string::npos) return;
  const Scratch file(text);
  measure(name, kOperations, text.size(), [&] {
    HistoryReader reader(file.path());
    Operation operation;
    std::size_t count = 0;
    while (reader.next(operation)) ++count;
    TIDEMARK_ASSERT(count == kOperations);
  });
}

void run_lines(const std::string& filter) {
  const Lines lines = make_lines();
  report(filter, "our JSON Lines from a file", lines.written, kOperations, Format::kTidemark);
  report(filter, "our JSON Lines, spaces", lines.spaced, kOperations, Format::kTidemark);
  report(filter, "our JSON Lines, spaces and any order of keys", lines.shuffled, kOperations, Format::kTidemark);
  stream(filter, "our JSON Lines, streamed", lines.written);
  stream(filter, "our JSON Lines, streamed, spaces and any order of keys", lines.shuffled);
  const std::string strict = "our JSON Lines, the strict path alone";
  if (strict.find(filter) == std::string::npos) return;
  measure(strict, kOperations, lines.written.size(), [&] {
    ReadSummary summary;
    const History history = read_tidemark_strict(Source("bench", lines.written), summary);
    TIDEMARK_ASSERT(history.transactions().size() == kOperations);
  });
}

void run(const std::string& filter) {
  std::printf(
      "| reader, %zu list-append transactions | million records/s | MB/s | best round | spread "
      "|\n|---|---|---|---|---|\n",
      kOperations);
  run_lines(filter);
  std::string maps;
  generate(kOperations, [&](const Operation& operation) { put_maps(maps, operation, true); });
  report(filter, "EDN, two maps a transaction", maps, 2 * kOperations, Format::kEdn);
  maps.clear();
  generate(kOperations, [&](const Operation& operation) { put_maps(maps, operation, false); });
  maps += "]\n";
  report(filter, "elle-cli JSON, two objects a transaction", maps, 2 * kOperations, Format::kJson);
  maps.clear();
  Random random{3};
  for (std::size_t i = 0; i < 4 * kOperations; ++i) {
    maps += (random.below(2) == 0 ? "w(" : "r(") + std::to_string(random.below(10'000)) + "," + std::to_string(i) +
            "," + std::to_string(i / 4 % kSessions) + "," + std::to_string(i / 4) + ")\n";
  }
  report(filter, "Plume text, four lines a transaction", maps, 4 * kOperations, Format::kPlume);
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  tidemark::bench::run(argc > 1 ? argv[1] : "");
}
