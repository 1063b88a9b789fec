#include "random_record.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <optional>

#include "choices.h"
#include "oracle.h"

namespace tidemark::checkers::oracle {
namespace {

constexpr std::uint32_t kMostTransactions = 8;
constexpr std::uint32_t kSessions = 3;
constexpr std::uint32_t kKeys = 3;

struct Planned {  // an event before its result is known
  EventKind kind = EventKind::kRead;
  std::uint32_t key = 0;
  std::int64_t value = 0;
  std::int64_t expected = 0;
};

struct Made {
  std::uint32_t session = 0;
  Outcome outcome = Outcome::kOk;
  std::vector<Planned> events;
  std::vector<Store::Item> found;  // what each event found
  std::uint32_t call = 0;
  std::uint32_t effect = 0;
  std::uint32_t ret = 0;
};

class Maker {
 public:
  Maker(const std::vector<std::uint8_t>& bytes, const Shape& shape) : choices_(bytes), shape_(shape) {}

  History make() {
    const std::uint32_t count = std::min(1 + choices_.draw(2 * kMostTransactions), kMostTransactions);
    staleness_ = choices_.draw(4);
    spoil_ = shape_.torn ? 0 : choices_.draw(3);
    keys_ = shape_.torn ? 2 : std::min(1 + choices_.draw(2 * kKeys) / 2, kKeys);
    for (std::uint32_t i = 0; i < count; ++i) one(i);
    return record();
  }

 private:
  Theme theme(std::uint32_t key) const {
    if (shape_.theme != Theme::kMixed) return shape_.theme;
    constexpr Theme kThemes[] = {Theme::kRegisters, Theme::kLists, Theme::kSets};
    return kThemes[key];
  }

  Planned plan() {
    Planned event;
    event.key = choices_.draw(keys_);
    event.value = 1 + choices_.draw(2);
    event.expected = choices_.draw(3);
    const std::uint32_t what = choices_.draw(6);
    if (shape_.clears && what == 5) {
      event.kind = EventKind::kClear;
      return event;
    }
    const bool read = what < 3;
    switch (theme(event.key)) {
      case Theme::kUniqueRegisters:
        event.kind = read ? EventKind::kRead : EventKind::kWrite;
        event.value = ++unique_;
        break;
      case Theme::kUniqueComparisons:
        event.kind = read ? EventKind::kRead : what == 3 ? EventKind::kWrite : EventKind::kCas;
        event.value = ++unique_;
        event.expected = likely(event.key);
        break;
      case Theme::kRegisters:
        event.kind = read ? EventKind::kRead : what == 3 ? EventKind::kWrite : EventKind::kCas;
        break;
      case Theme::kLists:
        event.kind = read ? EventKind::kReadList : EventKind::kAppend;
        if (!shape_.recurring) event.value = ++unique_;
        break;
      case Theme::kTexts:
        // One piece may be two others, or the end of another: a text does not tell what made it.
        event.value = std::array<std::int64_t, 4>{1, 2, 12, 11}[choices_.draw(4)];
        event.kind = read ? EventKind::kRead : what == 3 ? EventKind::kWrite : EventKind::kAppendText;
        break;
      case Theme::kSets:
        event.kind = read ? EventKind::kReadSet : EventKind::kAdd;
        event.value = 1 + choices_.draw(5);
        break;
      default:
        event.kind = read ? EventKind::kReadCounter : EventKind::kIncrement;
        break;
    }
    return event;
  }

  /// What a compare-and-set may expect: mostly what the key holds.
  std::int64_t likely(std::uint32_t key) {
    if (choices_.draw(5) == 4) return choices_.draw(static_cast<std::uint32_t>(unique_));
    const Value held = states_.back().items[key].value;
    return held.is_nil() ? 0 : held.number();
  }

  static bool is_read(const Planned& event) { return Event{event.kind, true, 0, {}, 0}.is_read(); }

  // The event on a store of its own; false: a compare-and-set that found another value.
  static bool act(const Planned& event, Store& store) {
    Store::Item& item = store.items[event.key];
    switch (event.kind) {
      case EventKind::kWrite:
        item.value = Value::integer(event.value);
        item.text = std::to_string(event.value);
        return true;
      case EventKind::kAppend:
        item.list.push_back(Value::integer(event.value));
        return true;
      case EventKind::kAppendText:
        item.text += std::to_string(event.value);
        return true;
      case EventKind::kAdd:
        item.members.insert(Value::integer(event.value));
        return true;
      case EventKind::kIncrement:
        item.count += event.value;
        return true;
      case EventKind::kClear:
        item = {};
        return true;
      case EventKind::kCas:
        if (item.value != expected_of(event)) return false;
        item.value = Value::integer(event.value);
        return true;
      default:
        return true;
    }
  }

  static Value expected_of(const Planned& event) {
    return event.expected == 0 ? Value{} : Value::integer(event.expected);
  }

  // Two lists: a transaction appends to one, or reads one or both; some read and append.
  void plan_torn(Made& made) {
    const bool registers = shape_.theme == Theme::kUniqueRegisters;
    const EventKind read = registers ? EventKind::kRead : EventKind::kReadList;
    const EventKind write = registers ? EventKind::kWrite : EventKind::kAppend;
    const std::uint32_t what = choices_.draw(8);
    const std::uint32_t key = choices_.draw(2);
    if (what >= 2) made.events.push_back({read, key, 0, 0});
    if (what >= 5) made.events.push_back({read, 1 - key, 0, 0});
    if (what <= 4) made.events.push_back({write, what >= 3 ? 1 - key : key, ++unique_, 0});
  }

  void one(std::uint32_t i) {
    Made made;
    made.session = choices_.draw(kSessions);
    const std::uint32_t outcome = choices_.draw(12);
    made.outcome = outcome == 9 ? Outcome::kFail : outcome >= 10 ? Outcome::kInfo : Outcome::kOk;
    if (shape_.torn) {
      plan_torn(made);
    } else {
      const std::uint32_t length = shape_.single_events ? 1 : 1 + choices_.draw(3);
      for (std::uint32_t part = 0; part < length; ++part) made.events.push_back(plan());
    }
    set_times(i, made);
    const bool only_reads = std::all_of(made.events.begin(), made.events.end(), is_read);
    Store store = states_.back();
    if (only_reads && staleness_ > 0 && choices_.draw(3) < staleness_) store = older();
    bool held = true;
    for (const Planned& event : made.events) {
      Store::Item found = store.items[event.key];
      if (shape_.torn ? choices_.draw(3) != 0 : spoil_ == 2 && choices_.draw(3) == 1) found = older().items[event.key];
      if (spoil_ > 0 && choices_.draw(6) == 1) spoil(event, found);
      made.found.push_back(found);
      held = act(event, store) && held;
    }
    if (!held && made.outcome == Outcome::kOk && !(spoil_ > 0 && choices_.draw(3) == 1)) made.outcome = Outcome::kFail;
    const bool later = made.outcome == Outcome::kInfo && choices_.draw(2) == 1;
    if (later) {
      delayed_ = made.events;
    } else if (made.outcome != Outcome::kFail && held && !only_reads) {
      states_.push_back(store);
    }
    made_.push_back(std::move(made));
    if (!later && choices_.draw(3) == 1) take_delayed();
  }

  void take_delayed() {
    Store store = states_.back();
    bool held = true;
    for (const Planned& event : delayed_) held = act(event, store) && held;
    delayed_.clear();
    if (held) states_.push_back(store);
  }

  void set_times(std::uint32_t i, Made& made) {
    made.effect = 100 + 20 * i;
    made.call = made.effect - choices_.draw(60);
    made.ret = made.effect + 1 + choices_.draw(60);
    for (Made& other : made_) {
      if (other.session != made.session || shape_.overlapping) continue;
      other.ret = std::min(other.ret, made.effect - 2);
      made.call = std::max(made.call, (other.outcome == Outcome::kInfo ? other.effect : other.ret) + 1);
    }
  }

  Store older() { return states_[choices_.draw(static_cast<std::uint32_t>(states_.size()))]; }

  void spoil(const Planned& event, Store::Item& found) {
    switch (event.kind) {
      case EventKind::kRead:
        found.value = Value::integer(1 + choices_.draw(4));
        found.text += '1';
        break;
      case EventKind::kReadList:
        if (!found.list.empty() && choices_.draw(2) == 0) {
          found.list.erase(found.list.begin() + choices_.draw(static_cast<std::uint32_t>(found.list.size())));
        } else {
          found.list.push_back(Value::integer(1 + choices_.draw(6)));
        }
        break;
      case EventKind::kReadSet:
        if (found.members.erase(Value::integer(1 + choices_.draw(5))) == 0)
          found.members.insert(Value::integer(1 + choices_.draw(6)));
        break;
      default:
        found.count += 1 + choices_.draw(2);
    }
  }

  void add(HistoryBuilder& builder, const Made& made, std::size_t part, std::uint32_t key) {
    const Planned& event = made.events[part];
    const Store::Item& found = made.found[part];
    const bool known = made.outcome == Outcome::kOk;
    if (is_read(event) && !known) return builder.unknown_read(event.kind, key);
    switch (event.kind) {
      case EventKind::kReadList:
        builder.read_elements(event.kind, key, found.list);
        return;
      case EventKind::kReadSet:
        builder.read_elements(event.kind, key, std::vector<Value>(found.members.begin(), found.members.end()));
        return;
      case EventKind::kRead:
        return builder.event(event.kind, key,
                             theme(event.key) == Theme::kTexts ? builder.text(found.text) : found.value);
      case EventKind::kReadCounter:
        return builder.event(event.kind, key, Value::integer(found.count));
      case EventKind::kCas:
        return builder.cas(key, expected_of(event), Value::integer(event.value));
      case EventKind::kAppendText:
        return builder.event(event.kind, key, builder.text(std::to_string(event.value)));
      default:
        return builder.event(event.kind, key, event.kind == EventKind::kClear ? Value{} : Value::integer(event.value));
    }
  }

  History record() {
    // By the ends of the records; the end of an unknown outcome says nothing, its effect stands for it.
    const auto place = [](const Made& made) { return made.outcome == Outcome::kInfo ? made.effect : made.ret; };
    std::stable_sort(made_.begin(), made_.end(), [place](const Made& a, const Made& b) { return place(a) < place(b); });
    HistoryBuilder builder;
    for (const Made& made : made_) {
      builder.begin(builder.session(Value::integer(made.session)));
      for (std::size_t part = 0; part < made.events.size(); ++part)
        add(builder, made, part, builder.key(Value::integer(100 + made.events[part].key)));
      HistoryBuilder::End end;
      end.outcome = made.outcome;
      end.call = made.call;
      end.ret = made.ret;
      builder.finish(end);
    }
    return builder.build(true);
  }

  Choices choices_;
  const Shape& shape_;
  std::uint32_t staleness_ = 0;
  std::uint32_t spoil_ = 0;  // 1: results that nobody wrote; 2: also from several states
  std::uint32_t keys_ = 1;
  std::int64_t unique_ = 0;
  std::vector<Store> states_{Store{}};
  std::vector<Planned> delayed_;
  std::vector<Made> made_;
};

}  // namespace

std::vector<std::uint8_t> random_choices() {
  constexpr std::size_t kEnough = 160;
  return *rc::gen::resize(100,
                          rc::gen::container<std::vector<std::uint8_t>>(kEnough, rc::gen::arbitrary<std::uint8_t>()));
}

History random_record(const std::vector<std::uint8_t>& bytes, const Shape& shape) {
  return Maker(bytes, shape).make();
}

}  // namespace tidemark::checkers::oracle
