#include "reports/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "reports/html.h"

namespace tidemark::reports {
namespace {

TEST(JsonWriter, WritesMembersInOrder) {
  JsonWriter json;
  json.begin_object().key("b").number(1).key("a").begin_array().text("x").boolean(true).null().number(0.5).end_array();
  json.key("e").begin_object().end_object().end_object();
  EXPECT_EQ(json.str(), R"({"b":1,"a":["x",true,null,0.5],"e":{}})");
}

TEST(JsonWriter, IndentsWhenAsked) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object()
      .key("a")
      .begin_array()
      .number(1)
      .number(2)
      .end_array()
      .key("b")
      .begin_array()
      .end_array()
      .end_object();
  EXPECT_EQ(json.str(), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}");
}

TEST(JsonWriter, NumbersKeepEveryDigit) {
  JsonWriter json;
  json.begin_array().number(std::numeric_limits<std::uint64_t>::max()).number(std::numeric_limits<std::int64_t>::min());
  json.number(0.1)
      .number(std::numeric_limits<double>::infinity())
      .fixed(2.0 / 3, 2)
      .fixed(std::optional<double>(), 1)
      .end_array();
  EXPECT_EQ(json.str(), "[18446744073709551615,-9223372036854775808,0.1,null,0.67,null]");
}

TEST(JsonString, EscapesWhatMustBe) {
  EXPECT_EQ(json_string("a\"b\\c\n\t\r\x01\x7f"), R"("a\"b\\c\n\t\r\u0001\u007f")");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(json_string("Z\xc3\xbcrich \xf0\x9f\x8c\x8a"), "\"Z\xc3\xbcrich \xf0\x9f\x8c\x8a\"");
}

TEST(JsonString, ReplacesBytesThatAreNoUtf8) {
  for (const char* bad : {"\xff", "\xc0", "\xe2\x82", "\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80"}) {
    const std::string text = json_string(bad);
    EXPECT_NE(text.find("\\ufffd"), std::string::npos) << text;
    for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << text;
  }
}

TEST(JsonWriter, NeverWritesMinusZero) {
  JsonWriter json;
  json.begin_array().fixed(-0.0, 1).fixed(-0.04, 1).fixed(-0.06, 1).fixed(-0.0004, 3).fixed(-1, 0).end_array();
  EXPECT_EQ(json.str(), "[0.0,0.0,-0.1,0.000,-1]");
}

TEST(HtmlText, EscapesMarkup) {
  EXPECT_EQ(html_text("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

}  // namespace
}  // namespace tidemark::reports
