#include "checkers/history/strict_line.h"

#include <simdjson.h>

#include <limits>
#include <utility>

#include "base/assert.h"
#include "checkers/history/line_keys.h"
#include "checkers/history/scan_bytes.h"

namespace tidemark::checkers {
namespace {

using simdjson::ondemand::array;
using simdjson::ondemand::document;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

constexpr std::size_t kMaxMicroOps = 10000;

static_assert(kScanAhead >= simdjson::SIMDJSON_PADDING);

// What is wrong inside a line; the reader adds the place.
struct LineError {
  std::string message;
  const char* where = nullptr;
};

}  // namespace

struct StrictLine::State {
  void read_header();
  void read_operation(Operation& operation);

  std::string file;
  simdjson::ondemand::parser parser;
  document doc;
  std::string_view line;
  std::uint64_t line_number = 0;
  HistoryHeader header;

 private:
  using Key = line_keys::Key;
  using enum line_keys::Key;

  template <typename Body>
  void parse_line(const Body& body);
  [[noreturn]] void fail(std::string message) { throw LineError{std::move(message), location()}; }
  const char* location() {
    const char* where = nullptr;
    return doc.current_location().get(where) == simdjson::SUCCESS ? where : nullptr;
  }
  template <typename Result>
  auto need(Result result, const char* what) {
    using Type = std::decay_t<decltype(result.value_unsafe())>;
    Type out{};
    if (const auto error = std::move(result).get(out))
      fail(std::string(what) + " (" + simdjson::error_message(error) + ")");
    return out;
  }
  std::int64_t integer(value v, const char* what, std::int64_t low, std::int64_t high);
  std::string text(value v, const char* what);
  Key key_of(std::string_view name);
  void read_field(Key key, value v, Operation& operation);
  void read_value(value v, Operation& operation);
  void read_list_op(array op, std::vector<ListOp>& ops);
  void read_register_op(array op, std::vector<RegisterOp>& ops);
  void read_orders_op(array op, std::vector<OrdersOp>& ops);
  void read_insert(value v, OrderRow& row);
  OrderRows read_rows(value v);

  bool insert_known_ = false;  // an insert of this line said true or false
  bool insert_open_ = false;   // an insert of this line said null
  bool read_open_ = false;     // a read of this line said null
};

template <typename Body>
void StrictLine::State::parse_line(const Body& body) {
  try {
    if (line.empty()) throw LineError{"empty line", line.data()};
    if (const auto error = parser.iterate(line.data(), line.size(), line.size() + kScanAhead).get(doc))
      throw LineError{std::string("not JSON: ") + simdjson::error_message(error), line.data()};
    auto root = need(doc.get_object(), "a line must be one JSON object");
    body(root);
    const char* rest = location();
    if (rest != nullptr && rest < line.data() + line.size()) fail("something follows the object");
  } catch (const LineError& error) {
    std::uint64_t column = 1;
    if (error.where != nullptr && error.where >= line.data())
      column = std::min<std::uint64_t>(static_cast<std::uint64_t>(error.where - line.data()), line.size()) + 1;
    throw HistoryError(file, line_number, column, error.message);
  }
}

std::int64_t StrictLine::State::integer(value v, const char* what, std::int64_t low, std::int64_t high) {
  const std::int64_t number = need(v.get_int64(), what);
  if (number < low || number > high)
    fail(std::string(what) + ": " + std::to_string(number) + " is not between " + std::to_string(low) + " and " +
         std::to_string(high));
  return number;
}

std::string StrictLine::State::text(value v, const char* what) {
  const std::string_view raw = need(v.get_string(), what);
  if (raw.find('\0') != std::string_view::npos) fail(std::string(what) + " contains a NUL character");
  return std::string(raw);
}

void StrictLine::State::read_header() {
  parse_line([&](object& root) {
    bool format = false, version = false, scenario = false, seed = false, model = false;
    const auto once = [&](bool& seen, const char* name) {
      if (seen) fail(std::string("key '") + name + "' twice");
      seen = true;
    };
    for (auto item : root) {
      auto field = need(std::move(item), "a key and a value expected");
      const std::string_view name = need(field.unescaped_key(), "a key expected");
      if (name == "format") {
        once(format, "format");
        if (text(field.value(), "'format' must be a string") != kHistoryFormat) fail("not a tidemark-history file");
      } else if (name == "version") {
        once(version, "version");
        if (integer(field.value(), "'version' must be an integer", 0, 1 << 20) != kHistoryVersion)
          fail("unknown version of the format; this program reads version 1");
      } else if (name == "scenario") {
        once(scenario, "scenario");
        header.scenario = text(field.value(), "'scenario' must be a string");
      } else if (name == "seed") {
        once(seed, "seed");
        header.seed = need(field.value().get_uint64(), "'seed' must be an unsigned integer");
      } else if (name == "model") {
        once(model, "model");
        const std::string kind = text(field.value(), "'model' must be a string");
        if (kind == "orders")
          header.model = ModelKind::kOrders;
        else if (kind == "append")
          header.model = ModelKind::kAppend;
        else if (kind == "register")
          header.model = ModelKind::kRegister;
        else
          fail("unknown model '" + kind + "'; expected orders, append or register");
      } else {
        fail("unknown key '" + std::string(name) + "' in the header");
      }
    }
    for (const auto& [seen, name] :
         {std::pair{format, "format"}, {version, "version"}, {scenario, "scenario"}, {seed, "seed"}, {model, "model"}})
      if (!seen) fail(std::string("the header lacks key '") + name + "'");
  });
}

StrictLine::State::Key StrictLine::State::key_of(std::string_view name) {
  constexpr std::string_view kNames[kKeys] = {"index",       "session",      "process",          "type",
                                              "f",           "value",        "invoke_ns",        "complete_ns",
                                              "bookmark_in", "bookmark_out", "served_by_region", "served_by_primary",
                                              "error",       "restored_to"};
  for (unsigned i = 0; i < kKeys; ++i)
    if (kNames[i] == name) return static_cast<Key>(i);
  fail("unknown key '" + std::string(name) + "'");
}

void StrictLine::State::read_operation(Operation& operation) {
  parse_line([&](object& root) {
    operation.error.clear();
    operation.restored_to.clear();
    unsigned seen = 0;
    insert_known_ = insert_open_ = read_open_ = false;
    for (auto item : root) {
      auto field = need(std::move(item), "a key and a value expected");
      const Key key = key_of(need(field.unescaped_key(), "a key expected"));
      if ((seen >> key & 1U) != 0) fail("the same key twice");
      seen |= 1U << key;
      read_field(key, field.value(), operation);
    }
    if ((seen & line_keys::kRequired) != line_keys::kRequired)
      fail(
          "a key is missing; an operation has index, session, process, type, f, value, invoke_ns, complete_ns, "
          "bookmark_in, bookmark_out, served_by_region and served_by_primary");
    const bool ok = operation.outcome == Outcome::kOk;
    if (ok == ((seen >> kError & 1U) != 0))
      fail(ok ? "an ok operation has no 'error'" : "an operation that is not ok needs 'error'");
    const bool restore = (seen >> kRestoredTo & 1U) != 0;
    if (restore && operation.restored_to.empty()) fail("'restored_to' names the bookmark of a state");
    if (restore && std::visit([](const auto& ops) { return !ops.empty(); }, operation.value))
      fail("an operation with 'restored_to' has no micro-operations");
    if (ok && (read_open_ || insert_open_)) fail("an ok operation knows the results of all its reads and inserts");
    if (!ok && insert_known_) fail("an insert that is not ok has null for its result");
  });
}

void StrictLine::State::read_field(Key key, value v, Operation& operation) {
  constexpr std::int64_t kMaxId = std::numeric_limits<std::uint32_t>::max();
  switch (key) {
    case kIndex:
      operation.index = static_cast<std::uint64_t>(integer(v, "'index' must be an integer", 0, line_keys::kMostTime));
      break;
    case kSession:
      operation.session = static_cast<std::uint32_t>(integer(v, "'session' must be an integer", 0, kMaxId));
      break;
    case kProcess:
      operation.process = static_cast<std::uint32_t>(integer(v, "'process' must be an integer", 0, kMaxId));
      break;
    case kType: {
      const std::string_view type = need(v.get_string(), "'type' must be a string");
      if (type != "ok" && type != "fail" && type != "info") fail("'type' must be ok, fail or info");
      operation.outcome = type == "ok" ? Outcome::kOk : type == "fail" ? Outcome::kFail : Outcome::kInfo;
      break;
    }
    case kF:
      operation.f = text(v, "'f' must be a string");
      break;
    case kValue:
      read_value(v, operation);
      break;
    case kInvoke:
      operation.invoke_ns = integer(v, "'invoke_ns' must be an integer", 0, line_keys::kMostTime);
      break;
    case kComplete:
      operation.complete_ns = integer(v, "'complete_ns' must be an integer", 0, line_keys::kMostTime);
      break;
    case kBookmarkIn:
      operation.bookmark_in = text(v, "'bookmark_in' must be a string");
      break;
    case kBookmarkOut:
      operation.bookmark_out = text(v, "'bookmark_out' must be a string");
      break;
    case kRegion:
      operation.served_by_region = text(v, "'served_by_region' must be a string");
      break;
    case kPrimary:
      operation.served_by_primary = need(v.get_bool(), "'served_by_primary' must be true or false");
      break;
    case kError:
      operation.error = text(v, "'error' must be a string");
      break;
    case kRestoredTo:
      operation.restored_to = text(v, "'restored_to' must be a string");
      break;
    case kKeys:
      TIDEMARK_ASSERT(false);
  }
}

void StrictLine::State::read_value(value v, Operation& operation) {
  const auto each = [&](auto& ops, auto reader) {
    ops.clear();
    for (auto item : need(v.get_array(), "'value' must be an array of micro-operations")) {
      if (ops.size() >= kMaxMicroOps) fail("more than 10000 micro-operations in one transaction");
      (this->*reader)(
          need(need(std::move(item), "a micro-operation expected").get_array(), "a micro-operation is an array"), ops);
    }
  };
  switch (header.model) {
    case ModelKind::kAppend:
      if (!std::holds_alternative<std::vector<ListOp>>(operation.value)) operation.value.emplace<std::vector<ListOp>>();
      return each(std::get<std::vector<ListOp>>(operation.value), &State::read_list_op);
    case ModelKind::kRegister:
      if (!std::holds_alternative<std::vector<RegisterOp>>(operation.value))
        operation.value.emplace<std::vector<RegisterOp>>();
      return each(std::get<std::vector<RegisterOp>>(operation.value), &State::read_register_op);
    case ModelKind::kOrders:
      if (!std::holds_alternative<std::vector<OrdersOp>>(operation.value))
        operation.value.emplace<std::vector<OrdersOp>>();
      return each(std::get<std::vector<OrdersOp>>(operation.value), &State::read_orders_op);
  }
}

void StrictLine::State::read_list_op(array op, std::vector<ListOp>& ops) {
  constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
  ListOp& out = ops.emplace_back();
  int part = 0;
  for (auto item : op) {
    value v = need(std::move(item), "[\"append\", key, element] or [\"r\", key, [elements]] expected");
    if (part == 0) {
      const std::string_view kind = need(v.get_string(), "a micro-operation begins with its name");
      if (kind != "append" && kind != "r")
        fail("unknown micro-operation '" + std::string(kind) + "'; expected append or r");
      out.is_append = kind == "append";
    } else if (part == 1) {
      out.key = integer(v, "the key must be an integer", kLow, kHigh);
    } else if (part == 2 && out.is_append) {
      out.element = integer(v, "the element must be an integer", kLow, kHigh);
    } else if (part == 2) {
      out.known = !need(v.is_null(), "null or an array expected");
      if (!out.known) {
        read_open_ = true;
      } else {
        for (auto element : need(v.get_array(), "the result of a read must be an array or null"))
          out.elements.push_back(
              need(need(std::move(element), "an element expected").get_int64(), "an element must be an integer"));
      }
    } else {
      fail("a micro-operation of lists has three parts");
    }
    ++part;
  }
  if (part != 3) fail("a micro-operation of lists has three parts");
}

void StrictLine::State::read_register_op(array op, std::vector<RegisterOp>& ops) {
  constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
  RegisterOp& out = ops.emplace_back();
  int part = 0;
  for (auto item : op) {
    value v = need(std::move(item), "[\"w\", key, value, version] or [\"r\", key, value, version] expected");
    const bool null = part >= 2 && need(v.is_null(), "a value expected");
    if (part == 0) {
      const std::string_view kind = need(v.get_string(), "a micro-operation begins with its name");
      if (kind != "w" && kind != "r") fail("unknown micro-operation '" + std::string(kind) + "'; expected w or r");
      out.is_write = kind == "w";
    } else if (part == 1) {
      out.key = integer(v, "the key must be an integer", kLow, kHigh);
    } else if (part == 2) {
      if (null && out.is_write) fail("a write has a value");
      out.known = !null;
      read_open_ = read_open_ || null;
      if (!null) out.value = integer(v, "the value must be an integer or null", kLow, kHigh);
    } else if (part == 3) {
      if (!null) out.version = integer(v, "the version must be an integer or null", 0, line_keys::kMostTime);
    } else {
      fail("a micro-operation of registers has four parts");
    }
    ++part;
  }
  if (part != 4) fail("a micro-operation of registers has four parts");
}

void StrictLine::State::read_orders_op(array op, std::vector<OrdersOp>& ops) {
  OrdersOp& out = ops.emplace_back();
  int part = 0;
  for (auto item : op) {
    value v = need(std::move(item), "[\"insert\", row, inserted], [\"list\", rows] or [\"reset\"] expected");
    if (part == 0) {
      const std::string_view kind = need(v.get_string(), "a micro-operation begins with its name");
      if (kind == "insert")
        out.kind = OrdersOp::Kind::kInsert;
      else if (kind == "list")
        out.kind = OrdersOp::Kind::kList;
      else if (kind == "reset")
        out.kind = OrdersOp::Kind::kReset;
      else
        fail("unknown micro-operation '" + std::string(kind) + "'; expected insert, list or reset");
    } else if (part == 1 && out.kind == OrdersOp::Kind::kInsert) {
      read_insert(v, out.row);
    } else if (part == 2 && out.kind == OrdersOp::Kind::kInsert) {
      const bool null = need(v.is_null(), "true, false or null expected");
      insert_open_ = insert_open_ || null;
      insert_known_ = insert_known_ || !null;
      if (!null) out.inserted = need(v.get_bool(), "true, false or null expected");
    } else if (part == 1 && out.kind == OrdersOp::Kind::kList) {
      if (need(v.is_null(), "rows or null expected"))
        read_open_ = true;
      else
        out.rows = read_rows(v);
    } else {
      fail("too many parts in a micro-operation");
    }
    ++part;
  }
  const int parts = out.kind == OrdersOp::Kind::kInsert ? 3 : out.kind == OrdersOp::Kind::kList ? 2 : 1;
  if (part != parts) fail("a part of a micro-operation is missing");
}

void StrictLine::State::read_insert(value v, OrderRow& row) {
  unsigned seen = 0;
  for (auto item : need(v.get_object(), "the row of an insert is an object")) {
    auto field = need(std::move(item), "a key and a value expected");
    const std::string_view name = need(field.unescaped_key(), "a key expected");
    const unsigned bit = name == "customerId" ? 1 : name == "orderId" ? 2 : name == "quantity" ? 4 : 0;
    if (bit == 0 || (seen & bit) != 0) fail("a row has customerId, orderId and quantity, each once");
    seen |= bit;
    if (bit == 1) row.customer = text(field.value(), "'customerId' must be a string");
    if (bit == 2) row.order = text(field.value(), "'orderId' must be a string");
    if (bit == 4) row.quantity = need(field.value().get_int64(), "'quantity' must be an integer");
  }
  if (seen != 7) fail("a row has customerId, orderId and quantity, each once");
}

OrderRows StrictLine::State::read_rows(value v) {
  auto rows = std::make_shared<std::vector<OrderRow>>();
  for (auto item : need(v.get_array(), "rows must be an array")) {
    OrderRow& row = rows->emplace_back();
    int part = 0;
    for (auto column :
         need(need(std::move(item), "a row expected").get_array(), "a row is [customer, order, quantity]")) {
      value cell = need(std::move(column), "a column expected");
      if (part == 0)
        row.customer = text(cell, "the customer must be a string");
      else if (part == 1)
        row.order = text(cell, "the order must be a string");
      else if (part == 2)
        row.quantity = need(cell.get_int64(), "the quantity must be an integer");
      else
        fail("a row has three columns");
      ++part;
    }
    if (part != 3) fail("a row has three columns");
  }
  return rows;
}

StrictLine::StrictLine(std::string file) : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
}
StrictLine::~StrictLine() = default;

const HistoryHeader& StrictLine::header(std::string_view line) {
  state_->line = line;
  state_->line_number = 1;
  state_->read_header();
  return state_->header;
}

void StrictLine::operation(std::string_view line, std::uint64_t number, Operation& operation) {
  state_->line = line;
  state_->line_number = number;
  state_->read_operation(operation);
}

}  // namespace tidemark::checkers
