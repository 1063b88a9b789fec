#include "scenarios/fault_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "scenarios/quantity.h"
#include "scenarios/registry.h"

namespace tidemark::scenarios {
namespace {

using sim::Duration;
using sim::FaultKindInfo;
using sim::FaultShape;
using sim::ParameterInfo;
using sim::ParameterType;

constexpr const char* kUntilHealText = "until heal";
constexpr std::int64_t kMostInstances = 100'000;

bool lasts(const FaultKindInfo& kind) {
  return kind.shape == FaultShape::kInterval || kind.shape == FaultShape::kOutage;
}

std::vector<std::string> kind_words() {
  std::vector<std::string> words;
  for (const FaultKindInfo& kind : sim::fault_kinds()) {
    words.push_back(kind.id);
    words.push_back(kind.name);
  }
  return words;
}

/// "a number", "a list": what stands there instead of a text.
std::string found(const RawValue& raw) {
  switch (raw.kind) {
    case RawValue::Kind::kInteger:
    case RawValue::Kind::kNumber:
      return "the number " + raw.text;
    case RawValue::Kind::kBool:
      return raw.text;
    case RawValue::Kind::kList:
      return "a list";
    case RawValue::Kind::kText:
      return "the text \"" + raw.text + "\"";
    case RawValue::Kind::kOther:
      break;
  }
  return raw.text;
}

/// "bookmark 100" -> "bookmark 100 of shop"; the delay stays behind it.
std::string with_subject(const std::string& text, const std::vector<std::string>& databases) {
  const bool is_time = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (is_time || databases.empty() || text.find(" of ") != std::string::npos) return text;
  const std::size_t plus = std::min(text.find(" + "), text.size());
  return text.substr(0, plus) + " of " + databases.front() + text.substr(plus);
}

/// One table on its way to a request.
class Reader {
 public:
  Reader(const FaultTable& table, std::size_t element, const std::vector<std::string>& databases, Places& places,
         Diagnostics& diagnostics)
      : table_(table),
        path_(fmt::format("fault[{}]", element)),
        databases_(databases),
        places_(places),
        diagnostics_(diagnostics) {}

  sim::FaultRequest read() {
    places_.set(path_, table_.place);
    for (const RawKey& key : table_.keys) places_.set(path_ + "." + key.name, place_of(key));
    if (!read_kind()) return std::move(request_);
    read_targets();
    read_times();
    for (const RawKey& key : table_.keys) {
      if (is_parameter(key.name)) {
        read_parameter(key, *kind_->parameter(key.name));
      } else if (!is_common(key.name)) {
        unknown(key);
      }
    }
    sort_parameters();
    return std::move(request_);
  }

 private:
  static Place place_of(const RawKey& key) { return key.value.place.line != 0 ? key.value.place : key.place; }
  void error(const std::string& key, const std::string& message) {
    diagnostics_.add(places_.of(path_ + "." + key), path_ + (key.empty() ? "" : "." + key) + ": " + message);
  }
  bool is_parameter(const std::string& name) const { return kind_->parameter(name) != nullptr; }
  static bool is_common(const std::string& name) {
    return std::any_of(fault_keys().begin(), fault_keys().end(), [&](const FaultKey& key) { return name == key.name; });
  }
  const RawKey* find(const char* name) const {
    const auto there =
        std::find_if(table_.keys.begin(), table_.keys.end(), [name](const RawKey& key) { return key.name == name; });
    return there == table_.keys.end() ? nullptr : &*there;
  }
  /// A common key, unless the kind has a parameter of that name.
  const RawKey* common(const char* name) const { return is_parameter(name) ? nullptr : find(name); }

  bool read_kind() {
    const RawKey* key = find("kind");
    if (key == nullptr) {
      diagnostics_.add(table_.place, "missing key kind in [fault]");
      return false;
    }
    if (key->value.kind != RawValue::Kind::kText) {
      error("kind", "expected a text such as \"P1\" or \"kill\", found " + found(key->value));
      return false;
    }
    kind_ = sim::find_fault_kind(key->value.text);
    if (kind_ == nullptr) {
      error("kind", fmt::format("unknown fault kind \"{}\"{}; see docs/faults.md", key->value.text,
                                did_you_mean(key->value.text, kind_words())));
      return false;
    }
    if (!kind_->injectable()) {
      error("kind", fmt::format("{} {} cannot be injected: {}", kind_->id, kind_->name, shape_text(kind_->shape)));
      return false;
    }
    request_.kind = kind_->kind;
    return true;
  }

  void read_targets() {
    const RawKey* key = common("target");
    if (key == nullptr) {
      if (kind_->roles == sim::kRoleRun) {
        request_.targets = {"run"};
      } else {
        diagnostics_.add(table_.place, fmt::format("missing key target in [fault]; {} {} hits: {}", kind_->id,
                                                   kind_->name, sim::roles_text(kind_->roles)));
      }
      return;
    }
    if (key->value.kind == RawValue::Kind::kText) {
      request_.targets = {key->value.text};
      return;
    }
    const bool list = key->value.kind == RawValue::Kind::kList;
    for (const RawValue& item : key->value.items) {
      if (item.kind != RawValue::Kind::kText) return error("target", "only texts in the list, found " + found(item));
      request_.targets.push_back(item.text);
    }
    if (!list) error("target", "expected a text such as \"primary\" or a list of texts, found " + found(key->value));
    if (list && request_.targets.empty()) error("target", "the list is empty");
  }

  /// Nothing when the key is absent or wrong (then there is a message).
  std::optional<Duration> read_duration(const char* name) {
    const RawKey* key = common(name);
    if (key == nullptr) return std::nullopt;
    std::int64_t ns = 0;
    std::string cause;
    if (key->value.kind != RawValue::Kind::kText) {
      error(name, fmt::format("expected a duration such as \"{}\", found {}", unit_example(Unit::kDuration),
                              found(key->value)));
    } else if (!parse_quantity(Unit::kDuration, key->value.text, ns, cause)) {
      error(name, cause);
    } else {
      return Duration::nanoseconds(ns);
    }
    return std::nullopt;
  }
  bool is_until_heal(const char* name) const {
    const RawKey* key = common(name);
    return key != nullptr && key->value.kind == RawValue::Kind::kText && key->value.text == kUntilHealText;
  }
  /// False after a message.
  bool exclude(const char* name, std::initializer_list<const char*> others) {
    if (common(name) == nullptr) return true;
    for (const char* other : others) {
      if (common(other) == nullptr) continue;
      error(name, fmt::format("{} and {} exclude each other", name, other));
      return false;
    }
    return true;
  }

  void read_times() {
    const bool fit = exclude("when", {"at", "until"}) && exclude("for", {"until"}) &&
                     exclude("every", {"at", "when", "until", "for", "id"});
    if (!fit) return;
    read_id();
    if (kind_->shape == FaultShape::kRun) {
      for (const char* name : {"at", "when", "until", "for", "every", "duration", "most"})
        if (common(name) != nullptr) error(name, kind_->name + " is a mode of the whole run: it has no time");
      return;
    }
    if (common("every") != nullptr) return read_process();
    for (const char* name : {"duration", "most"})
      if (common(name) != nullptr) error(name, fmt::format("{} belongs to a random process: it needs every", name));
    read_start();
    read_end();
  }
  void read_id() {
    const RawKey* key = common("id");
    if (key == nullptr) return;
    const bool good =
        key->value.kind == RawValue::Kind::kInteger && key->value.integer >= 1 && key->value.integer <= kMostInstances;
    if (!good) return error("id", fmt::format("expected a whole number from 1 to {}", kMostInstances));
    request_.id = static_cast<std::uint64_t>(key->value.integer);
  }
  void read_process() {
    request_.every = read_duration("every").value_or(Duration::seconds(1));
    if (request_.every == Duration{}) error("every", "must be more than 0 s");
    if (common("duration") != nullptr && !lasts(*kind_)) error("duration", once());
    request_.duration = read_duration("duration").value_or(request_.duration);
    if (request_.duration == Duration{}) error("duration", "must be more than 0 s");
    if (const RawKey* most = common("most")) {
      const bool good = most->value.kind == RawValue::Kind::kInteger && most->value.integer >= 1 &&
                        most->value.integer <= kMostInstances;
      if (!good) return error("most", fmt::format("expected a whole number from 1 to {}", kMostInstances));
      request_.most = static_cast<std::uint32_t>(most->value.integer);
    }
  }
  void read_start() {
    request_.start.after = read_duration("at").value_or(Duration{});
    const RawKey* when = common("when");
    if (when == nullptr) return;
    if (when->value.kind != RawValue::Kind::kText)
      return error("when", "expected a text such as \"bookmark 100\" or \"1.5 s\", found " + found(when->value));
    std::string problem;
    const std::string text = with_subject(when->value.text, databases_);
    if (sim::parse_start(text, request_.start, problem)) return;
    sim::FaultStart ignored;
    sim::parse_start(when->value.text, ignored, problem);  // the message shows what was written
    error("when", problem);
  }
  void read_end() {
    const bool has_end = common("for") != nullptr || common("until") != nullptr;
    if (has_end && !lasts(*kind_)) return error(common("for") != nullptr ? "for" : "until", once());
    if (is_until_heal("for") || is_until_heal("until")) {
      request_.duration = sim::kUntilHeal;
      return;
    }
    if (const auto span = read_duration("for")) {
      if (*span == Duration{}) error("for", "must be more than 0 s");
      request_.duration = *span;
    }
    if (const auto end = read_duration("until")) {
      if (*end <= request_.start.after)
        return error("until", fmt::format("the fault would end at {}, which is not after its start at {}",
                                          to_text(*end), to_text(request_.start.after)));
      request_.duration = *end - request_.start.after;
    }
  }
  std::string once() const { return fmt::format("{} {} happens once: it has no duration", kind_->id, kind_->name); }

  void read_parameter(const RawKey& key, const ParameterInfo& row) {
    const RawValue& raw = key.value;
    const bool is_count = row.type == ParameterType::kCount;
    const bool fits = raw.kind == (is_count ? RawValue::Kind::kInteger : RawValue::Kind::kText);
    if (!fits) {
      const char* wanted = is_count                               ? "a whole number"
                           : row.type == ParameterType::kDuration ? "a duration such as \"55 ms\""
                           : row.type == ParameterType::kRatio    ? "a ratio such as \"2 %\""
                                                                  : "a text";
      return error(key.name, fmt::format("expected {}, found {}", wanted, found(raw)));
    }
    sim::FaultParameter value;
    std::string problem;
    if (!sim::parse_parameter(row, raw.text, value, problem)) {
      // The message begins with the path, which ends with the name.
      const std::size_t name = problem.rfind(row.name, 0) == 0 ? row.name.size() : 0;
      return error(key.name, problem.substr(problem.find_first_not_of(": ", name)));
    }
    request_.parameters.push_back(std::move(value));
  }
  void sort_parameters() {
    const auto place = [this](const sim::FaultParameter& value) {
      return kind_->parameter(value.name) - kind_->parameters.data();
    };
    std::stable_sort(request_.parameters.begin(), request_.parameters.end(),
                     [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }
  void unknown(const RawKey& key) {
    std::vector<std::string> known;
    for (const ParameterInfo& row : kind_->parameters) known.push_back(row.name);
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    for (const FaultKey& row : fault_keys()) known.emplace_back(row.name);
    diagnostics_.add(key.place, fmt::format("{} {} has no parameter {}{}{}", kind_->id, kind_->name, key.name,
                                            did_you_mean(key.name, known),
                                            list.empty() ? " (it has none)" : " (it has: " + list + ")"));
  }

  const FaultTable& table_;
  const std::string path_;
  const std::vector<std::string>& databases_;
  Places& places_;
  Diagnostics& diagnostics_;
  const FaultKindInfo* kind_ = nullptr;
  sim::FaultRequest request_;
};

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + toml_string(item);
  return "[" + text + "]";
}

}  // namespace

const std::vector<FaultKey>& fault_keys() {
  static const std::vector<FaultKey> kKeys = {
      {"kind", "text", "Id or name of the kind: \"P1\" or \"kill\"."},
      {"target", "text or list of texts",
       "Whom it hits: a process by name, or a selector such as primary, followers:2, replicas:1, region:WEUR, cold."},
      {"at", "duration", "Start, counted from the start of the fault phase (default 0 s)."},
      {"when", "text", "Start on a trigger: \"bookmark 100\", \"epoch 2 of shop + 20 ms\"; or a time."},
      {"for", "duration", "How long it lasts (default 1 s), or \"until heal\"."},
      {"until", "duration", "End, counted as at; instead of for."},
      {"every", "duration", "A random process: mean time between two instances (exponential)."},
      {"duration", "duration", "Mean duration of the instances of a random process (exponential; default 1 s)."},
      {"most", "count", "Most instances of a random process (default 1000)."},
      {"id", "count", "Number of the fault, which names its random stream (default: its place in time)."},
  };
  return kKeys;
}

sim::FaultRequest read_fault(const FaultTable& table, std::size_t element, const std::vector<std::string>& databases,
                             Places& places, Diagnostics& diagnostics) {
  return Reader(table, element, databases, places, diagnostics).read();
}

std::string fault_toml(const sim::FaultRequest& request) {
  const FaultKindInfo& kind = info(request.kind);
  std::string text = fmt::format("kind = {}  # {}\n", toml_string(kind.id), kind.name);
  text += "target = " + list_text(request.targets) + "\n";
  const auto duration = [](Duration span) {
    return toml_string(span == sim::kUntilHeal ? kUntilHealText : print_quantity(Unit::kDuration, span.ns()));
  };
  if (request.every != Duration{}) {
    text += "every = " + duration(request.every) + "\n";
    if (lasts(kind)) text += "duration = " + duration(request.duration) + "\n";
    text += fmt::format("most = {}\n", request.most);
  } else if (kind.shape != FaultShape::kRun) {
    const bool at_time = request.start.on == sim::FaultStart::On::kTime;
    text += "when = " + (at_time ? duration(request.start.after) : toml_string(to_text(request.start))) + "\n";
    if (lasts(kind)) text += "for = " + duration(request.duration) + "\n";
  }
  if (request.id != 0) text += fmt::format("id = {}\n", request.id);
  for (const sim::FaultParameter& value : request.parameters) {
    const ParameterInfo& row = *kind.parameter(value.name);
    const std::string shown = sim::to_text(row, value);
    text += value.name + " = " + (row.type == ParameterType::kCount ? shown : toml_string(shown)) + "\n";
  }
  return text;
}

}  // namespace tidemark::scenarios
