// A sheet of SVG that is drawn on. Private to this room.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::checkers::why {

inline constexpr int kCharacter = 8;  // width of one in the font of the pictures, rounded up
inline constexpr int kLine = 18;

class Sheet {
 public:
  /// `style`: "box", "box marked", "box faint".
  void box(int x, int y, int width, int height, std::string_view style);
  /// `style`: "", "strong", "dim", "middle" (centred at x), or several.
  void text(int x, int y, std::string_view text, std::string_view style = "");
  void line(int x1, int y1, int x2, int y2, std::string_view style);
  /// SVG path data; ends in an arrow head.
  void arrow(const std::string& path, std::string_view style);
  /// The document: `title` is what a reader without eyes gets.
  std::string finish(std::string_view title) const;

 private:
  void reach(int x, int y);
  std::string body_;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace tidemark::checkers::why
