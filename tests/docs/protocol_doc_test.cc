// docs/protocol.md knows every message and every state that the headers declare.
#include <gtest/gtest.h>

#include <regex>

#include "doc_text.h"

namespace tidemark {
namespace {

/// The enumerators of `enum class <name>` in a header.
std::vector<std::string> enumerators(const std::string& header, const std::string& name) {
  const std::string text = doc_text("../model/" + header);
  const std::size_t begin = text.find("enum class " + name + " ");
  EXPECT_NE(begin, std::string::npos) << name;
  if (begin == std::string::npos) return {};
  const std::string body = text.substr(begin, text.find("};", begin) - begin);
  static const std::regex kName(R"([ {](k[A-Z][A-Za-z0-9]*)\b)");
  std::vector<std::string> names;
  for (std::sregex_iterator at(body.begin(), body.end(), kName), end; at != end; ++at) names.push_back((*at)[1]);
  EXPECT_FALSE(names.empty()) << name;
  return names;
}

TEST(ProtocolPage, HasEveryMessage) {
  const std::string page = doc_text("protocol.md");
  for (const std::string& name : enumerators("protocol/messages.h", "MessageType")) {
    const std::string message = name.substr(1);
    EXPECT_TRUE(page.find("`" + message + "`") != std::string::npos ||
                page.find("`" + message + "{") != std::string::npos)
        << message;
  }
}

TEST(ProtocolPage, HasEveryStateOfTheStateMachines) {
  const std::string page = doc_text("protocol.md");
  for (const auto& [header, name] :
       {std::pair("protocol/messages.h", "FollowerState"), std::pair("protocol/control_messages.h", "LeaderPhase"),
        std::pair("control/database_control.h", "DatabaseState")})
    for (const std::string& state : enumerators(header, name))
      EXPECT_NE(page.find(state), std::string::npos) << name << " " << state;
}

}  // namespace
}  // namespace tidemark
