#include "scenarios/operation_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "model/apps/all/catalogue.h"
#include "scenarios/literals.h"
#include "scenarios/quantity.h"
#include "scenarios/registry.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using model::ScriptedOperation;
using model::ScriptedStep;
using model::WorkloadKind;
using Kind = ScriptedStep::Kind;
using Session = ScriptedOperation::Session;

constexpr std::size_t kMostSteps = 50;
constexpr const char* kSessions[] = {"same", "new", "first-primary"};
constexpr const char* kForms =
    "\"list\", \"order O of C, quantity N\", \"reset\", \"read K\", \"write V to K\", \"append V to K\" or \"ACTION(V, "
    "...)\"";

bool eat(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  text.remove_prefix(word.size());
  return true;
}

bool eat_number(std::string_view& text, std::int64_t& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

/// Up to `end`, which is eaten as well; not empty.
bool eat_name(std::string_view& text, std::string_view end, std::string& name) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos || at == 0) return false;
  name = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

/// "transfer(3, 'x', null)".
std::optional<ScriptedStep> parse_action(std::string_view text) {
  ScriptedStep step;
  step.kind = Kind::kAction;
  if (!eat_name(text, "(", step.action)) return std::nullopt;
  while (!eat(text, ")")) {
    const bool first = step.values.empty();
    if ((!first && !eat(text, ", ")) || !eat_literal(text, step.values.emplace_back())) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return step;
}

std::optional<ScriptedStep> parse_step(std::string_view text) {
  ScriptedStep step;
  bool good = true;
  if (eat(text, "order ")) {
    step.kind = Kind::kOrder;
    good = eat_name(text, " of ", step.order) && eat_name(text, ", quantity ", step.customer) &&
           eat_number(text, step.value);
  } else if (eat(text, "read ")) {
    step.kind = Kind::kRead;
    good = eat_number(text, step.key);
  } else if (text == "list" || text == "reset") {
    step.kind = text == "list" ? Kind::kList : Kind::kReset;
    return step;
  } else if (text.ends_with(")")) {
    return parse_action(text);
  } else {
    step.kind = text.substr(0, 6) == "write " ? Kind::kWrite : Kind::kAppend;
    good = (eat(text, "write ") || eat(text, "append ")) && eat_number(text, step.value) && eat(text, " to ") &&
           eat_number(text, step.key);
  }
  if (!good || !text.empty()) return std::nullopt;
  return step;
}

/// One table on its way to an operation.
class Reader {
 public:
  Reader(const FaultTable& table, std::size_t element, Places& places, Diagnostics& diagnostics)
      : table_(table), path_(fmt::format("operation[{}]", element)), places_(places), diagnostics_(diagnostics) {}

  ScriptedOperation read() {
    places_.set(path_, table_.place);
    for (const RawKey& key : table_.keys) {
      const Place& place = key.value.place.line != 0 ? key.value.place : key.place;
      places_.set(path_ + "." + key.name, place);
      read_key(key);
    }
    for (const char* name : {"client", "at", "do"})
      if (!places_.has(path_ + "." + name))
        diagnostics_.add(table_.place, fmt::format("missing key {} in [operation]", name));
    return std::move(operation_);
  }

 private:
  void error(const std::string& key, const std::string& message) {
    diagnostics_.add(places_.of(path_ + "." + key), path_ + "." + key + ": " + message);
  }
  void read_key(const RawKey& key) {
    if (key.name == "client") return read_client(key.value);
    if (key.name == "at") return read_time(key.value);
    if (key.name == "do") return read_steps(key.value);
    if (key.name == "session") return read_session(key.value);
    if (key.name == "together") return read_together(key.value);
    if (key.name == "via") return read_via(key.value);
    std::vector<std::string> names;
    for (const FaultKey& row : operation_keys()) names.emplace_back(row.name);
    diagnostics_.add(key.place,
                     fmt::format("unknown key {} in [operation]{}", key.name, did_you_mean(key.name, names)));
  }
  void read_client(const RawValue& raw) {
    const bool good = raw.kind == RawValue::Kind::kInteger && raw.integer >= 0 && raw.integer < 1'000'000;
    if (!good) return error("client", "expected the number of a client, from 0");
    operation_.client = static_cast<std::uint32_t>(raw.integer);
  }
  void read_time(const RawValue& raw) {
    std::int64_t ns = 0;
    std::string cause = fmt::format("expected a duration such as \"{}\"", unit_example(Unit::kDuration));
    if (raw.kind != RawValue::Kind::kText || !parse_quantity(Unit::kDuration, raw.text, ns, cause))
      return error("at", cause);
    operation_.at = sim::Duration::nanoseconds(ns);
  }
  void read_steps(const RawValue& raw) {
    const bool list = raw.kind == RawValue::Kind::kList;
    const std::size_t count = list ? raw.items.size() : 1;
    if (count == 0) return error("do", "the list is empty");
    if (count > kMostSteps) return error("do", fmt::format("has more than {} statements", kMostSteps));
    for (std::size_t i = 0; i < count; ++i) {
      const RawValue& item = list ? raw.items[i] : raw;
      if (item.kind != RawValue::Kind::kText) return error("do", std::string("expected ") + kForms);
      const std::optional<ScriptedStep> step = parse_step(item.text);
      if (!step) return error("do", fmt::format("\"{}\" is none of {}", item.text, kForms));
      operation_.steps.push_back(*step);
    }
  }
  void read_session(const RawValue& raw) {
    for (std::size_t i = 0; i < std::size(kSessions); ++i)
      if (raw.kind == RawValue::Kind::kText && raw.text == kSessions[i])
        return void(operation_.session = static_cast<Session>(i));
    error("session", "expected \"same\", \"new\" or \"first-primary\"");
  }
  void read_together(const RawValue& raw) {
    if (raw.kind != RawValue::Kind::kBool) return error("together", "expected true or false");
    operation_.together = raw.boolean;
  }
  void read_via(const RawValue& raw) {
    if (raw.kind != RawValue::Kind::kText) return error("via", "expected the code of a site in quotes");
    operation_.via = raw.text;
  }

  const FaultTable& table_;
  const std::string path_;
  Places& places_;
  Diagnostics& diagnostics_;
  ScriptedOperation operation_;
};

bool fits(Kind kind, WorkloadKind workload) {
  switch (workload) {
    case WorkloadKind::kOrders:
      return kind == Kind::kList || kind == Kind::kOrder || kind == Kind::kReset;
    case WorkloadKind::kRegister:
      return kind == Kind::kRead || kind == Kind::kWrite;
    case WorkloadKind::kAppend:
      return kind == Kind::kRead || kind == Kind::kAppend;
    case WorkloadKind::kSql:
    case WorkloadKind::kApplication:
      return kind == Kind::kAction;
  }
  return false;
}

/// A sentence about statements that cannot be one operation; empty when they can.
std::string mixture_problem(const ScriptedOperation& operation, WorkloadKind workload) {
  const std::vector<ScriptedStep>& steps = operation.steps;
  const char* kNames[] = {"orders", "register", "append", "sql", "application"};
  for (const ScriptedStep& step : steps)
    if (!fits(step.kind, workload))
      return fmt::format("\"{}\" is nothing that the workload {} does", to_text(step),
                         kNames[static_cast<std::size_t>(workload)]);
  if (model::does_actions(workload) && (steps.size() > 1 || operation.together)) return "an operation is one action";
  if (operation.together && steps.size() < 2) return "together needs two statements or more";
  const bool orders = workload == WorkloadKind::kOrders;
  if (orders && steps.size() > 1 && !operation.together) return "the orders application has no batches";
  const auto write =
      std::find_if(steps.begin() + (orders ? 0 : 1), steps.end(), [](const auto& s) { return s.writes(); });
  if (operation.together && write != steps.end())
    return orders ? "only lists can be asked for together" : "of statements together only the first may write";
  return {};
}

/// What a history tells writes apart by.
std::tuple<std::int64_t, std::int64_t, std::string, std::string> identity(const ScriptedStep& step) {
  return {step.key, step.value, step.customer, step.order};
}

}  // namespace

const std::vector<FaultKey>& operation_keys() {
  static const std::vector<FaultKey> kKeys = {
      {"client", "count", "Which client, from 0."},
      {"at", "duration", "When it begins, since the clients started; a client that is busy begins when it is not."},
      {"do", "text or list of texts",
       "What it does: list, order O of C, quantity N, reset (orders); read K, write V to K (register); read K, append "
       "V to K (append); NAME(V, ...) (sql, application). Several are one transaction."},
      {"session", "text", "same: hands its bookmark on (default); new: drops it; first-primary: begins with that."},
      {"together", "true or false", "Every statement is a query of its own, all at the same time in one session."},
      {"via", "text", "Site of the PoP at which the client enters from now on (default: where it is)."},
  };
  return kKeys;
}

ScriptedOperation read_operation(const FaultTable& table, std::size_t element, Places& places,
                                 Diagnostics& diagnostics) {
  return Reader(table, element, places, diagnostics).read();
}

void check_operations(const Scenario& scenario, const Places& places, Diagnostics& diagnostics) {
  const model::WorkloadOptions& workload = scenario.workload;
  const bool scripted = workload.arrival == model::Arrival::kScript;
  if (!scripted && !workload.script.empty())
    diagnostics.add(places.of("operation[0]"), "[[operation]] needs arrival = \"script\" in [workload]");
  if (!scripted) return;
  if (scenario.swarm.workload)
    diagnostics.add(places.of("swarm.workload"), "swarm.workload: the operations are written down already");
  std::map<decltype(identity({})), std::size_t> written;
  const sim::Duration healed = scenario.has_faults() ? scenario.fault_options.healed_load : sim::Duration();
  const sim::Duration end = scenario.duration + healed;
  // Known to be valid as far as it is looked at here: what is wrong with an application is said before its operations.
  const auto application = diagnostics.empty() ? model::make_application(workload) : nullptr;
  for (std::size_t i = 0; i < workload.script.size(); ++i) {
    const ScriptedOperation& operation = workload.script[i];
    const std::string path = fmt::format("operation[{}]", i);
    const auto error = [&](const char* key, const std::string& message) {
      diagnostics.add(places.of(path + key), path + key + ": " + message);
    };
    if (operation.client >= workload.clients)
      error(".client", fmt::format("there are {} clients, counted from 0", workload.clients));
    if (operation.at > end)
      error(".at",
            fmt::format("begins at {}, when the clients have stopped ({})", to_text(operation.at), to_text(end)));
    if (const std::string problem = mixture_problem(operation, workload.kind); !problem.empty()) error(".do", problem);
    for (const ScriptedStep& step : operation.steps) {
      if (application == nullptr || step.kind != Kind::kAction) continue;
      const std::string problem = model::action_problem({step.action, step.values}, application->actions());
      if (!problem.empty()) error(".do", problem);
    }
    if (!operation.via.empty() && !sim::SiteTable::shipped().find(operation.via))
      error(".via", fmt::format("unknown site \"{}\"", operation.via));
    for (const ScriptedStep& step : operation.steps) {
      if (!step.writes() || step.kind == Kind::kReset || step.kind == Kind::kAction) continue;
      const auto [earlier, is_new] = written.emplace(identity(step), i);
      if (!is_new)
        error(".do", fmt::format("\"{}\" is written by operation[{}] as well; no history could tell the two apart",
                                 to_text(step), earlier->second));
    }
  }
}

std::string operation_toml(const ScriptedOperation& operation) {
  std::string text = fmt::format("client = {}\nat = {}\n", operation.client,
                                 toml_string(print_quantity(Unit::kDuration, operation.at.ns())));
  std::string steps;
  for (const ScriptedStep& step : operation.steps) steps += (steps.empty() ? "" : ", ") + toml_string(to_text(step));
  text += operation.steps.size() == 1 ? "do = " + steps + "\n" : "do = [" + steps + "]\n";
  if (operation.session != Session::kSame)
    text += std::string("session = \"") + kSessions[static_cast<std::size_t>(operation.session)] + "\"\n";
  if (operation.together) text += "together = true\n";
  if (!operation.via.empty()) text += "via = " + toml_string(operation.via) + "\n";
  return text;
}

std::string to_text(const ScriptedStep& step) {
  switch (step.kind) {
    case Kind::kList:
      return "list";
    case Kind::kOrder:
      return fmt::format("order {} of {}, quantity {}", step.order, step.customer, step.value);
    case Kind::kReset:
      return "reset";
    case Kind::kRead:
      return fmt::format("read {}", step.key);
    case Kind::kWrite:
      return fmt::format("write {} to {}", step.value, step.key);
    case Kind::kAppend:
      return fmt::format("append {} to {}", step.value, step.key);
    case Kind::kAction: {
      std::string values;
      for (const model::SqlValue& value : step.values) values += (values.empty() ? "" : ", ") + literal_of(value);
      return fmt::format("{}({})", step.action, values);
    }
  }
  return {};
}

}  // namespace tidemark::scenarios
