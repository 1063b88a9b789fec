#include "model/protocol/http.h"

#include <bit>
#include <cstdio>

namespace tidemark::model {
namespace {

constexpr std::uint32_t kHeaderBytes = 220;  // request or status line and the usual headers

Digest128 fold(Digest128 digest, const SessionToken& token) {
  if (token.kind() != SessionToken::Kind::kBookmark) return mix(digest, static_cast<std::uint64_t>(token.kind()));
  const Bookmark& bookmark = token.bookmark();
  digest = mix(digest, std::uint64_t{bookmark.epoch} << 32 | bookmark.sequence);
  return mix(mix(digest, bookmark.digest.high), bookmark.digest.low);
}

std::string_view name_of(MicroOp::Kind kind) {
  switch (kind) {
    case MicroOp::Kind::kReadRegister:
      return "read";
    case MicroOp::Kind::kWriteRegister:
      return "write";
    case MicroOp::Kind::kReadList:
      return "list";
    case MicroOp::Kind::kAppendList:
      return "append";
  }
  return "";
}

void append_cell(std::string& text, const Cell& cell) {
  char number[32];
  switch (cell.type) {
    case CellType::kNull:
      text += "null";
      return;
    case CellType::kInteger:
      text += std::to_string(cell.integer);
      return;
    case CellType::kReal:
      std::snprintf(number, sizeof number, "%.17g", cell.real);
      text += number;
      return;
    case CellType::kText:
      text += json_quote(cell.text());
      return;
    case CellType::kBlob:
      break;
  }
  // A BLOB comes back as an array of numbers, as the D1 binding gives it.
  text += '[';
  for (const char byte : cell.text()) {
    if (text.back() != '[') text += ',';
    text += std::to_string(static_cast<unsigned char>(byte));
  }
  text += ']';
}

void append_rows(std::string& text, const ResultSetRef& set) {
  text += '[';
  for (std::uint32_t row = 0; set && row < set->rows(); ++row) {
    text += row == 0 ? "{" : ",{";
    for (std::uint32_t column = 0; column < set->columns(); ++column) {
      if (column != 0) text += ',';
      text += json_quote(set->names()[column]) + ":";
      append_cell(text, set->row(row)[column]);
    }
    text += '}';
  }
  text += ']';
}

std::string txn_json(const TxnBody& body) {
  std::string text = "{\"ops\":[";
  for (const MicroOp& op : body.ops) {
    if (text.back() != '[') text += ',';
    text += "[" + json_quote(name_of(op.kind)) + "," + std::to_string(op.key);
    text += op.writes() ? "," + std::to_string(op.value) + "]" : "]";
  }
  return text + (body.concurrent ? "],\"concurrent\":true}" : "]}");
}

std::uint32_t bytes_of(std::string_view head, const std::vector<SqlValue>& values) {
  std::size_t total = head.size();
  for (const SqlValue& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    total += text == nullptr ? 8 : text->size() + 2;
  }
  return static_cast<std::uint32_t>(total);
}

Digest128 fold(Digest128 digest, const SqlValue& value) {
  digest = mix(digest, value.index());
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return mix(digest, static_cast<std::uint64_t>(*integer));
  if (const auto* real = std::get_if<double>(&value)) return mix(digest, std::bit_cast<std::uint64_t>(*real));
  if (const auto* text = std::get_if<std::string>(&value)) return mix(digest, hash_name(*text));
  if (const auto* blob = std::get_if<Blob>(&value)) return mix(digest, hash_name(blob->bytes));
  return digest;
}

std::string json_value(const SqlValue& value) {
  char number[32];
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&value)) return json_quote(*text);
  if (const auto* blob = std::get_if<Blob>(&value)) return json_quote(blob->bytes);
  if (const auto* real = std::get_if<double>(&value)) {
    std::snprintf(number, sizeof number, "%.17g", *real);
    return number;
  }
  return "null";
}

}  // namespace

Digest128 fold(Digest128 digest, const ActionBody& body) {
  digest = mix(digest, hash_name(body.name));
  for (const SqlValue& value : body.values) digest = fold(digest, value);
  return digest;
}

std::string to_json(const ActionBody& body) {
  std::string text = "{\"action\":" + json_quote(body.name) + ",\"values\":[";
  for (const SqlValue& value : body.values) text += (text.back() == '[' ? "" : ",") + json_value(value);
  return text + "]}";
}

std::uint32_t wire_bytes(const ActionBody& body) {
  return 30 + bytes_of(body.name, body.values);
}

std::string to_json(const ResultSetRef& rows) {
  std::string text;
  append_rows(text, rows);
  return text;
}

std::string_view path_of(HttpRoute route) {
  switch (route) {
    case HttpRoute::kOrders:
      return "/api/orders";
    case HttpRoute::kReset:
      return "/api/reset";
    case HttpRoute::kTxn:
      return "/api/txn";
    case HttpRoute::kEvents:
      return "/api/events";
    case HttpRoute::kEventsReset:
      return "/api/events/reset";
    case HttpRoute::kSql:
      return "/api/sql";
    case HttpRoute::kAction:
      return "/api/action";
    case HttpRoute::kUnknown:
      break;
  }
  return "/";
}

std::string_view name_of(HttpMethod method) {
  return method == HttpMethod::kGet ? "GET" : "POST";
}

std::string json_quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::uint32_t HttpRequest::wire_bytes() const {
  if (const auto* order = std::get_if<OrderBody>(&body))
    return kHeaderBytes + 60 + static_cast<std::uint32_t>(order->customer.size() + order->order.size());
  if (const auto* txn = std::get_if<TxnBody>(&body))
    return kHeaderBytes + 10 + static_cast<std::uint32_t>(txn->ops.size()) * (24 + txn->padding);
  if (const auto* event = std::get_if<EventBody>(&body)) return kHeaderBytes + 30 + event->padding;
  if (const auto* sql = std::get_if<SqlBody>(&body)) return kHeaderBytes + 20 + bytes_of(sql->sql, sql->params);
  if (const auto* action = std::get_if<ActionBody>(&body)) return kHeaderBytes + model::wire_bytes(*action);
  return kHeaderBytes;
}

std::uint64_t HttpRequest::digest() const {
  Digest128 digest = mix(mix({}, type()), id);
  digest = fold(mix(digest, std::uint64_t{database} << 16 | static_cast<std::uint64_t>(route) << 8 |
                                static_cast<std::uint64_t>(method)),
                bookmark);
  if (const auto* order = std::get_if<OrderBody>(&body))
    return mix(mix(mix(digest, hash_name(order->customer)), hash_name(order->order)),
               static_cast<std::uint64_t>(order->quantity))
        .low;
  if (const auto* event = std::get_if<EventBody>(&body)) return mix(digest, static_cast<std::uint64_t>(event->id)).low;
  if (const auto* list = std::get_if<ListBody>(&body)) return mix(digest, list->queries).low;
  if (const auto* sql = std::get_if<SqlBody>(&body))
    return mix(mix(digest, hash_name(sql->sql)), sql->params.size()).low;
  if (const auto* action = std::get_if<ActionBody>(&body)) digest = fold(digest, *action);
  if (const auto* txn = std::get_if<TxnBody>(&body)) {
    for (const MicroOp& op : txn->ops) {
      digest = mix(mix(mix(digest, static_cast<std::uint64_t>(op.kind)), static_cast<std::uint64_t>(op.key)),
                   static_cast<std::uint64_t>(op.value));
    }
  }
  return digest.low;
}

std::string HttpRequest::describe() const {
  std::string text(name_of(method));
  text += ' ';
  text += path_of(route);
  if (bookmark.kind() != SessionToken::Kind::kNone) text += " x-d1-bookmark: " + bookmark.text();
  const std::string json = to_json();
  return json.empty() ? text : text + " " + json;
}

std::string HttpRequest::to_json() const {
  if (const auto* order = std::get_if<OrderBody>(&body)) {
    return "{\"customerId\":" + json_quote(order->customer) + ",\"orderId\":" + json_quote(order->order) +
           ",\"quantity\":" + std::to_string(order->quantity) + "}";
  }
  if (const auto* txn = std::get_if<TxnBody>(&body)) return txn_json(*txn);
  if (const auto* event = std::get_if<EventBody>(&body)) return "{\"id\":" + std::to_string(event->id) + "}";
  if (const auto* list = std::get_if<ListBody>(&body)) return "{\"queries\":" + std::to_string(list->queries) + "}";
  if (const auto* sql = std::get_if<SqlBody>(&body)) return "{\"sql\":" + json_quote(sql->sql) + "}";
  if (const auto* action = std::get_if<ActionBody>(&body)) return model::to_json(*action);
  return "";
}

std::uint32_t HttpResponse::wire_bytes() const {
  std::uint32_t total = kHeaderBytes + 120;
  for (const ResultSetRef& rows : results) total += rows ? rows->wire_bytes() : 2;
  return total + static_cast<std::uint32_t>(error.size() + error_details.size());
}

std::uint64_t HttpResponse::digest() const {
  Digest128 digest = fold(mix(mix(mix({}, type()), id), std::uint64_t{status} << 1 | (has_bookmark ? 1 : 0)), bookmark);
  for (const ResultSetRef& rows : results) {
    if (rows) digest = mix(mix(digest, rows->digest().high), rows->digest().low);
  }
  return error.empty() ? digest.low : mix(digest, hash_name(error)).low;
}

std::string HttpResponse::describe() const {
  return std::to_string(status) + " " + to_json();
}

std::string HttpResponse::to_json() const {
  if (status == 404) return "Not found";
  if (status != 200) return "{\"error\":" + json_quote(error) + ",\"errorDetails\":" + json_quote(error_details) + "}";
  std::string text = "{\"d1Latency\":" + std::to_string(d1_latency.ns() / 1'000'000) + ",\"results\":";
  if (results.size() == 1) {
    append_rows(text, results.front());
  } else {
    text += '[';
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (i != 0) text += ',';
      append_rows(text, results[i]);
    }
    text += ']';
  }
  text += ",\"servedByRegion\":" + json_quote(served_by_region) + ",\"servedByPrimary\":";
  text += served_by_region.empty() ? "\"\"" : served_by_primary ? "true" : "false";
  return text + ",\"sessionBookmark\":" + json_quote(bookmark.text()) + "}";
}

}  // namespace tidemark::model
