// Reading the pages of docs/ in tests.
#pragma once

#include <string>
#include <vector>

namespace tidemark {

/// docs/<name>. A failure of the test when it cannot be read.
std::string doc_text(const std::string& name);
/// The contents of the code blocks that begin with ```<language>, in order.
std::vector<std::string> code_blocks(const std::string& text, const std::string& language);

}  // namespace tidemark
