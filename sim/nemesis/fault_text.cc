// The text forms of faults. Exact both ways: integers only.
#include <algorithm>
#include <charconv>
#include <limits>

#include "sim/nemesis/fault.h"

namespace tidemark::sim {
namespace {

struct TextUnit {
  const char* name;
  std::int64_t value;
};
constexpr TextUnit kDurationUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"min", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};
constexpr TextUnit kPercent[] = {{"%", 10'000}};

struct StartWord {
  FaultStart::On on;
  const char* word;
  bool numbered;
};
constexpr StartWord kStartWords[] = {
    {FaultStart::On::kBookmark, "bookmark", true},
    {FaultStart::On::kEpoch, "epoch", true},
    {FaultStart::On::kTakeover, "takeover", false},
    {FaultStart::On::kCheckpoint, "checkpoint", true},
    {FaultStart::On::kSnapshot, "snapshot", true},
    {FaultStart::On::kTrim, "trim", true},
    {FaultStart::On::kIo, "io", true},
    {FaultStart::On::kSend, "send", true},
    {FaultStart::On::kPoint, "point", false},
};

bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && text.front() != '-';
}

/// digits[.digits][ ]unit, exact in units of 1; the values of the units divide what they are given.
template <std::size_t N>
bool parse_with_unit(std::string_view text, const TextUnit (&units)[N], std::int64_t& value) {
  const std::size_t number_end = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view number = text.substr(0, number_end);
  std::string_view unit = text.substr(number_end);
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const auto* found =
      std::find_if(std::begin(units), std::end(units), [&](const TextUnit& u) { return unit == u.name; });
  if (found == std::end(units)) return false;
  const std::size_t point = number.find('.');
  std::int64_t whole = 0;
  if (!parse_integer(number.substr(0, point), whole)) return false;
  if (__builtin_mul_overflow(whole, found->value, &value)) return false;
  if (point == std::string_view::npos) return true;
  std::int64_t step = found->value;
  for (const char c : number.substr(point + 1)) {
    if (c < '0' || c > '9' || step % 10 != 0) return false;
    step /= 10;
    if (__builtin_add_overflow(value, step * (c - '0'), &value)) return false;
  }
  return point + 1 < number.size();
}

std::string ratio_text(std::int64_t parts_per_million) {
  std::string text = std::to_string(parts_per_million / 10'000);
  if (const std::int64_t rest = parts_per_million % 10'000; rest != 0) {
    std::string digits = std::to_string(rest);
    digits.insert(0, 4 - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.' + digits;
  }
  return text + " %";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

bool parse_duration(std::string_view text, Duration& duration) {
  std::int64_t ns = 0;
  if (!parse_with_unit(text, kDurationUnits, ns)) return false;
  duration = Duration::nanoseconds(ns);
  return true;
}

bool parse_ratio(std::string_view text, std::int64_t& parts_per_million) {
  return parse_with_unit(text, kPercent, parts_per_million);
}

std::string to_text(const FaultStart& start) {
  if (start.on == FaultStart::On::kTime) return to_text(start.after);
  const auto* row = std::find_if(std::begin(kStartWords), std::end(kStartWords),
                                 [&](const StartWord& word) { return word.on == start.on; });
  std::string text = std::string(row->word) + ' ' + (row->numbered ? std::to_string(start.number) : start.word) +
                     " of " + start.subject;
  if (start.after != Duration{}) text += " + " + to_text(start.after);
  return text;
}

bool parse_start(std::string_view text, FaultStart& start, std::string& problem) {
  start = {};
  if (parse_duration(text, start.after)) return true;
  const auto fail = [&] {
    problem =
        "\"" + std::string(text) +
        "\" is no start: write a time (\"1.5 s\") or a trigger (\"bookmark 100 of db-a\", \"epoch 2 of db-a + 20 ms\", "
        "\"io 17 of db-a/follower-2\")";
    return false;
  };
  std::string_view rest = text;
  if (const std::size_t plus = rest.rfind(" + "); plus != std::string_view::npos) {
    if (!parse_duration(rest.substr(plus + 3), start.after)) return fail();
    rest = rest.substr(0, plus);
  }
  const std::size_t blank = rest.find(' ');
  const std::size_t of = rest.find(" of ", blank == std::string_view::npos ? 0 : blank);
  if (blank == std::string_view::npos || of == std::string_view::npos || of <= blank) return fail();
  const auto* row = std::find_if(std::begin(kStartWords), std::end(kStartWords),
                                 [&](const StartWord& word) { return rest.substr(0, blank) == word.word; });
  if (row == std::end(kStartWords)) return fail();
  start.on = row->on;
  start.subject = rest.substr(of + 4);
  const std::string_view middle = rest.substr(blank + 1, of - blank - 1);
  if (!row->numbered) {
    start.word = middle;
    return middle.empty() ? fail() : true;
  }
  std::int64_t number = 0;
  if (!parse_integer(middle, number) || number == 0) return fail();
  start.number = static_cast<std::uint64_t>(number);
  return true;
}

std::string to_text(const ParameterInfo& row, const FaultParameter& value) {
  switch (row.type) {
    case ParameterType::kDuration:
      return to_text(Duration::nanoseconds(value.number));
    case ParameterType::kRatio:
      return ratio_text(value.number);
    case ParameterType::kCount:
      return std::to_string(value.number);
    case ParameterType::kChoice:
    case ParameterType::kText:
      return value.word;
  }
  return {};
}

std::string range_problem(const ParameterInfo& row, const FaultParameter& value) {
  if (row.type == ParameterType::kText) return {};
  if (row.type == ParameterType::kChoice) {
    if (std::find(row.choices.begin(), row.choices.end(), value.word) != row.choices.end()) return {};
    return row.name + " must be one of " + joined(row.choices);
  }
  if (value.number >= row.low && value.number <= row.high) return {};
  FaultParameter low{row.name, row.low, ""};
  FaultParameter high{row.name, row.high, ""};
  return row.name + " must be " + to_text(row, low) + " to " + to_text(row, high);
}

bool parse_parameter(const ParameterInfo& row, std::string_view text, FaultParameter& value, std::string& problem) {
  value = {row.name, 0, ""};
  bool read = true;
  Duration span;
  switch (row.type) {
    case ParameterType::kDuration:
      read = parse_duration(text, span);
      value.number = span.ns();
      break;
    case ParameterType::kRatio:
      read = parse_ratio(text, value.number);
      break;
    case ParameterType::kCount:
      read = parse_integer(text, value.number);
      break;
    case ParameterType::kChoice:
    case ParameterType::kText:
      value.word = text;
      break;
  }
  if (!read) {
    const char* wanted = row.type == ParameterType::kDuration ? "a duration (\"55 ms\")"
                         : row.type == ParameterType::kRatio  ? "a ratio (\"2 %\")"
                                                              : "a whole number";
    problem = row.name + ": \"" + std::string(text) + "\" is not " + wanted;
    return false;
  }
  problem = range_problem(row, value);
  return problem.empty();
}

FaultFields to_fields(const Fault& fault) {
  FaultFields fields;
  const FaultKindInfo& row = info(fault.kind);
  fields.id = std::to_string(fault.id);
  fields.kind = row.id;
  fields.targets = fault.targets;
  fields.start = to_text(fault.start);
  if (row.shape != FaultShape::kInstant)
    fields.duration = fault.duration == kUntilHeal ? "until heal" : to_text(fault.duration);
  for (std::size_t i = 0; i < row.parameters.size() && i < fault.parameters.size(); ++i)
    fields.parameters.emplace_back(row.parameters[i].name, to_text(row.parameters[i], fault.parameters[i]));
  return fields;
}

std::optional<Fault> from_fields(const FaultFields& fields, std::string& problem) {
  const FaultKindInfo* row = find_fault_kind(fields.kind);
  if (row == nullptr) {
    problem = "there is no fault kind \"" + fields.kind + "\"";
    return std::nullopt;
  }
  Fault fault = make_fault(row->kind);
  std::int64_t id = 0;
  if (!parse_integer(fields.id, id) || id == 0) {
    problem = "\"" + fields.id + "\" is no number of a fault";
    return std::nullopt;
  }
  fault.id = static_cast<std::uint64_t>(id);
  fault.targets = fields.targets;
  if (!parse_start(fields.start, fault.start, problem)) return std::nullopt;
  if (fields.duration == "until heal") {
    fault.duration = kUntilHeal;
  } else if (!fields.duration.empty() && !parse_duration(fields.duration, fault.duration)) {
    problem = "\"" + fields.duration + "\" is no duration: write \"55 ms\" or \"until heal\"";
    return std::nullopt;
  }
  for (const auto& [name, text] : fields.parameters) {
    const auto place = std::find_if(row->parameters.begin(), row->parameters.end(),
                                    [&name = name](const ParameterInfo& parameter) { return parameter.name == name; });
    if (place == row->parameters.end()) {
      problem = row->id + " " + row->name + " has no parameter \"" + name + "\"";
      return std::nullopt;
    }
    FaultParameter& value = fault.parameters[static_cast<std::size_t>(place - row->parameters.begin())];
    if (!parse_parameter(*place, text, value, problem)) return std::nullopt;
  }
  return fault;
}

}  // namespace tidemark::sim
