#pragma once

namespace tidemark {
inline constexpr char kVersion[] = "0.1.0";
}  // namespace tidemark
