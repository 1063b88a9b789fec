#include "checkers/explain/picture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "checkers/explain/markup.h"
#include "checkers/explain/page.h"
#include "checkers/graph/transactional.h"
#include "notation.h"

namespace tidemark::checkers {
namespace {

Judgement sequential(const History& history) {
  return graph::judge_transactional(history, {graph::Isolation::kSerializable, true, false}, {});
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Every element that is opened is closed, in order. (What a browser's parser would refuse.)
void expect_well_formed(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = text.substr(at + 1, end - at - 1);
    if (tag.back() == '/' || tag[0] == '!') continue;
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0, tag.find(' ') - (tag[0] == '/' ? 1 : 0));
    if (name == "meta") continue;
    if (tag[0] != '/') {
      open.push_back(name);
    } else {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(Picture, DrawsACycleWithItsEventsAndReasons) {
  const History history = testing::history_of("s1: a x 1\ns1: r x [], r y [2]\ns2: a y 2");
  const Anomaly anomaly = sequential(history).anomalies.at(0);
  const std::string svg = draw(history, anomaly);
  expect_well_formed(svg);
  EXPECT_EQ(count(svg, "<rect class=\"box\""), 2U);
  EXPECT_EQ(count(svg, "class=\"way"), 2U);
  EXPECT_NE(svg.find(">so: session s1<"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">rw x: had not seen the 1<"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">read y = [2]<"), std::string::npos);
  EXPECT_NE(svg.find("prefers-color-scheme:dark"), std::string::npos);
  EXPECT_EQ(svg.find("http"), svg.find("http://www.w3.org/2000/svg")) << "nothing comes from a network";
  EXPECT_EQ(count(svg, "http"), 1U);
  EXPECT_EQ(svg, draw(history, anomaly));
}

TEST(Picture, DrawsAFailedPlaceWithALaneForEachSession) {
  const History history = testing::history_of("s2: r x []\ns1: a x 1 !\ns2: r x [1]\ns3: r x []\ns2: r x []");
  const Anomaly anomaly = sequential(history).anomalies.at(0);
  ASSERT_EQ(anomaly.name, "G1a");
  const std::string svg = draw(history, anomaly);
  expect_well_formed(svg);
  EXPECT_EQ(count(svg, "class=\"lane\""), 2U) << "s3 takes no part";
  EXPECT_EQ(count(svg, "class=\"box marked\""), 1U);
  EXPECT_EQ(count(svg, "class=\"box faint\""), 2U) << "what stands before and after in the session";
  EXPECT_NE(svg.find("strong bad\" x="), std::string::npos);
}

TEST(Picture, StaysWellFormedWhateverTheHistoryHolds) {
  HistoryBuilder builder;
  const std::uint32_t key = builder.key(builder.text("<x> & \"y\""));
  builder.begin(builder.session(builder.text("a\xff\x01<b>")));
  builder.event(EventKind::kAppend, key, builder.text("</svg>"));
  builder.finish({});
  builder.begin(builder.session(builder.text("a\xff\x01<b>")));
  builder.read_elements(EventKind::kReadList, key, {});
  builder.finish({});
  const History history = builder.build(false);
  const Anomaly anomaly = sequential(history).anomalies.at(0);
  const std::string svg = draw(history, anomaly);
  expect_well_formed(svg);
  EXPECT_EQ(count(svg, "</svg>"), 1U);
  EXPECT_EQ(svg.find('\xff'), std::string::npos);
}

TEST(Markup, ReplacesWhatIsNoText) {
  EXPECT_EQ(why::escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(why::escaped("\xc3\xa9\xff\xc0\x80"), "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(why::escaped("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "no surrogates";
  EXPECT_EQ(why::shortened("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
  EXPECT_EQ(why::width_of("\xc3\xa9z"), 2U);
}

TEST(Page, HoldsVerdictExplanationPictureAndMinimalHistory) {
  const History history = testing::history_of("s1: a x 1\ns5: a x 2\ns1: r x []\ns5: r x [2 1]");
  const Judgement judgement = sequential(history);
  PageInput input;
  input.title = "a<b>.edn";
  input.model = "sequential";
  input.guarantee = "one order explains every read";
  input.history = &history;
  input.judgement = &judgement;
  input.minimal.push_back(minimal_history(history, judgement.anomalies.at(0), sequential));
  input.minimal_texts.push_back("{:type :ok}");
  const std::string page = judgement_page(input);
  expect_well_formed(page);
  EXPECT_NE(page.find("<strong class=\"invalid\">invalid</strong> under the model sequential"), std::string::npos);
  EXPECT_NE(page.find("a&lt;b&gt;.edn"), std::string::npos);
  EXPECT_NE(page.find("The least that still fails: 2 of 4 transactions"), std::string::npos) << page;
  EXPECT_NE(page.find("{:type :ok}"), std::string::npos);
  EXPECT_EQ(count(page, "<svg "), judgement.anomalies.size());
  EXPECT_EQ(page, judgement_page(input));
}

TEST(Page, TellsAValidHistoryToo) {
  const History history = testing::history_of("s1: a x 1");
  const Judgement judgement = sequential(history);
  PageInput input;
  input.title = "a";
  input.history = &history;
  input.judgement = &judgement;
  const std::string page = judgement_page(input);
  expect_well_formed(page);
  EXPECT_NE(page.find("1 transaction judged"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::checkers
