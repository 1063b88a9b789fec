// KeyTable: how the rows of the registry are written. Private to scenarios/keys_*.cc.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "scenarios/registry.h"

namespace tidemark::scenarios {

/// Adds keys of one table whose values are members of `Options`, which `of` finds in a scenario.
template <typename Options>
class KeyTable {
 public:
  using Of = Options& (*)(Scenario& scenario, std::size_t element);
  KeyTable(std::vector<Key>& keys, std::string table, Of of) : keys_(keys), table_(std::move(table)), of_(of) {}

  void duration(const char* name, sim::Duration Options::*member, sim::Duration low, sim::Duration high,
                const char* doc, const char* source = "") {
    Key key = row(name, Type::kDuration, {static_cast<double>(low.ns()), static_cast<double>(high.ns())}, doc, source);
    key.get = [of = of_, member](const Scenario& s, std::size_t i) -> KeyValue {
      return (read(of, s, i).*member).ns();
    };
    key.set = [of = of_, member](Scenario& s, std::size_t i, const KeyValue& v) {
      of(s, i).*member = sim::Duration::nanoseconds(std::get<std::int64_t>(v));
    };
    keys_.push_back(std::move(key));
  }

  /// Counts, sizes, bit rates, byte rates.
  template <typename Integer>
  void integer(Type type, const char* name, Integer Options::*member, double low, double high, const char* doc,
               const char* source = "") {
    TIDEMARK_ASSERT(high <= static_cast<double>(std::numeric_limits<Integer>::max()), "the range exceeds the field");
    Key key = row(name, type, {low, high}, doc, source);
    key.get = [of = of_, member](const Scenario& s, std::size_t i) -> KeyValue {
      return static_cast<std::int64_t>(read(of, s, i).*member);
    };
    key.set = [of = of_, member](Scenario& s, std::size_t i, const KeyValue& v) {
      of(s, i).*member = static_cast<Integer>(std::get<std::int64_t>(v));
    };
    keys_.push_back(std::move(key));
  }
  template <typename Integer>
  void count(const char* name, Integer Options::*member, double low, double high, const char* doc,
             const char* source = "") {
    integer(Type::kCount, name, member, low, high, doc, source);
  }

  /// Ratios, rates, plain numbers.
  void real(Type type, const char* name, double Options::*member, double low, double high, const char* doc,
            const char* source = "") {
    plain<double>(row(name, type, {low, high}, doc, source), member);
  }
  void flag(const char* name, bool Options::*member, const char* doc) {
    plain<bool>(row(name, Type::kSwitch, {}, doc, ""), member);
  }
  /// `shortest` characters at least: 1 = required.
  void text(const char* name, std::string Options::*member, double shortest, double longest, const char* doc) {
    Key key = row(name, Type::kText, {shortest, longest}, doc, "");
    key.required = shortest > 0;
    plain<std::string>(std::move(key), member);
  }
  void list(const char* name, std::vector<std::string> Options::*member, const char* doc) {
    plain<std::vector<std::string>>(row(name, Type::kTextList, {0, 1000}, doc, ""), member);
  }

  /// `choices` in the order of the enumeration, which counts from 0.
  template <typename Enum>
  void choice(const char* name, Enum Options::*member, std::vector<std::string> choices, const char* doc) {
    Key key = row(name, Type::kChoice, {}, doc, "");
    key.choices = std::move(choices);
    key.get = [of = of_, member](const Scenario& s, std::size_t i) -> KeyValue {
      return static_cast<std::int64_t>(read(of, s, i).*member);
    };
    key.set = [of = of_, member](Scenario& s, std::size_t i, const KeyValue& v) {
      of(s, i).*member = static_cast<Enum>(std::get<std::int64_t>(v));
    };
    keys_.push_back(std::move(key));
  }

 private:
  static const Options& read(Of of, const Scenario& scenario, std::size_t element) {
    // One accessor serves both directions; reading through it changes nothing.
    return of(const_cast<Scenario&>(scenario), element);
  }
  Key row(const char* name, Type type, Range range, const char* doc, const char* source) const {
    Key key;
    key.table = table_;
    key.name = name;
    key.type = type;
    key.range = range;
    key.doc = doc;
    key.source = source;
    return key;
  }
  template <typename Field>
  void plain(Key key, Field Options::*member) {
    key.get = [of = of_, member](const Scenario& s, std::size_t i) -> KeyValue { return read(of, s, i).*member; };
    key.set = [of = of_, member](Scenario& s, std::size_t i, const KeyValue& v) {
      of(s, i).*member = std::get<Field>(v);
    };
    keys_.push_back(std::move(key));
  }

  std::vector<Key>& keys_;
  const std::string table_;
  const Of of_;
};

// One function per file of rows.
void add_scenario_keys(std::vector<Key>& keys);
void add_world_keys(std::vector<Key>& keys);
void add_model_keys(std::vector<Key>& keys);
void add_fault_keys(std::vector<Key>& keys);
void add_workload_keys(std::vector<Key>& keys);

}  // namespace tidemark::scenarios
