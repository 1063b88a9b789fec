// An explanation as text for people, as Markdown, and as one JSON object. Equal explanations give equal bytes.
#pragma once

#include <string>

#include "explain/explain.h"

namespace tidemark::explain {

/// Without the seed, which the command says before it begins.
std::string to_text(const Explanation& explanation);
std::string to_markdown(const Explanation& explanation);
/// seed, scenario, digest, failure, first {name, at, event, witness, guarantee}, others[], clients[], story[],
/// faults[], curve {points[], steepest, inevitable}.
std::string to_json(const Explanation& explanation);

}  // namespace tidemark::explain
