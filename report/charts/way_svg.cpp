// The picture as SVG: boxes in columns, ways as curves whose words stand beside where they begin.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "report/charts/way_picture.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/table.hpp"

namespace netlimits::report {
namespace {

// In units of the picture, which are pixels where it is shown in its own size.
constexpr int box_width = 150;
constexpr int column_width = 330;  // with the words of the ways
constexpr int line_height = 17;
constexpr int row_gap = 26;
constexpr int margin = 12;
constexpr std::size_t most_letters = 20;  // of a name, in a box and beside a way

struct Box {
  int left = 0;
  int top = 0;
  int height = 0;
  int middle() const { return top + height / 2; }
};

std::string cut(const std::string& name) {
  const std::string line = text_line(name);
  std::size_t letters = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
    if (begins && ++letters > most_letters) return line.substr(0, i) + "\u2026";
  }
  return line;
}

class WaySvg {
 public:
  explicit WaySvg(const WayPicture& picture) : picture_(picture) { place(); }

  std::string text(const std::string& id) const {
    std::string svg = fmt::format(
        "<svg class=\"ways\" role=\"img\" aria-labelledby=\"{0}-title {0}-about\" viewBox=\"0 0 {1} {2}\" "
        "width=\"{1}\" "
        "height=\"{2}\">\n<title id=\"{0}-title\">Who connects to whom</title>\n<desc id=\"{0}-about\">{3}</desc>\n",
        id, width_, height_, html_text(about()));
    svg += fmt::format(
        "<defs><marker id=\"{0}-tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
        "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8Z\" class=\"tip\"/></marker></defs>\n",
        id);
    for (std::size_t i = 0; i < picture_.edges.size(); ++i) svg += edge_svg(i, id);
    for (std::size_t i = 0; i < picture_.nodes.size(); ++i) svg += node_svg(i);
    return svg + "</svg>\n";
  }

 private:
  void place() {
    std::vector<int> used;  // of each column
    for (const WayNode& node : picture_.nodes) {
      if (used.size() <= node.column) used.resize(node.column + 1, margin);
      const int height = std::max(line_height * static_cast<int>(1 + node.facts.size()) + 12, lines_of(boxes_.size()));
      boxes_.push_back({margin + column_width * static_cast<int>(node.column), used[node.column], height});
      used[node.column] += height + row_gap;
    }
    const int tallest = *std::max_element(used.begin(), used.end());
    for (std::size_t i = 0; i < boxes_.size(); ++i) boxes_[i].top += (tallest - used[picture_.nodes[i].column]) / 2;
    width_ = margin * 2 + column_width * (static_cast<int>(used.size()) - 1) + box_width + loops_width();
    height_ = tallest - row_gap + margin + 14;
  }

  // Words of two lines for each way that begins there.
  int lines_of(std::size_t node) const {
    const auto ways = std::count_if(picture_.edges.begin(), picture_.edges.end(),
                                    [&](const WayEdge& edge) { return edge.from == node || edge.to == node; });
    return (static_cast<int>(ways) + 1) * 2 * line_height;
  }

  // Ways that begin and end in one column are drawn at its right side.
  int loops_width() const {
    const bool any = std::any_of(picture_.edges.begin(), picture_.edges.end(), [&](const WayEdge& edge) {
      return picture_.nodes[edge.to].column <= picture_.nodes[edge.from].column;
    });
    return any ? column_width - box_width : 0;
  }

  std::string about() const {
    std::string text;
    for (const WayEdge& edge : picture_.edges) {
      text += fmt::format("{}{} to {}{}", text.empty() ? "" : "; ", picture_.nodes[edge.from].name,
                          picture_.nodes[edge.to].name, edge.figures.empty() ? "" : fmt::format(": {}", edge.figures));
    }
    return text;
  }

  // The ways of one node leave and arrive side by side.
  int port_of(std::size_t edge, bool leaving) const {
    const std::size_t node = leaving ? picture_.edges[edge].from : picture_.edges[edge].to;
    int index = 0;
    int count = 0;
    for (std::size_t i = 0; i < picture_.edges.size(); ++i) {
      if ((leaving ? picture_.edges[i].from : picture_.edges[i].to) != node) continue;
      if (i == edge) index = count;
      ++count;
    }
    const Box& box = boxes_[node];
    return box.top + box.height * (index + 1) / (count + 1);
  }

  std::string edge_svg(std::size_t index, const std::string& id) const {
    const WayEdge& edge = picture_.edges[index];
    const Box& from = boxes_[edge.from];
    const Box& to = boxes_[edge.to];
    const int x1 = from.left + box_width;
    const int y1 = port_of(index, true);
    const int y2 = port_of(index, false);
    const bool forward = to.left > from.left;
    const int x2 = forward ? to.left - 2 : to.left + box_width + 2;
    const int reach = forward ? (x2 - x1) / 2 : 70;
    const int c2 = forward ? x2 - reach : x2 + reach;
    // A quarter of a pixel for each doubling.
    const int width = std::min(24, 6 + static_cast<int>(std::bit_width(edge.count)));
    std::string svg = fmt::format(
        "<path class=\"way{}\" d=\"M{} {}C{} {} {} {} {} {}\" stroke-width=\"{}.{:02}\" "
        "marker-end=\"url(#{}-tip)\"/>\n",
        edge.binds ? " binds" : "", x1, y1, x1 + reach, y1, c2, y2, x2, y2, width / 4, width % 4 * 25, id);
    const auto beside = [&](const std::string& words, int below) {
      if (words.empty()) return;
      svg += fmt::format("<text class=\"words{}\" x=\"{}\" y=\"{}\">{}</text>\n", edge.binds ? " binds" : "", x1 + 10,
                         y1 + below, html_text(cut(words)));
    };
    beside(edge.name, -6);
    beside(edge.figures, edge.name.empty() ? -6 : 16);
    return svg;
  }

  std::string node_svg(std::size_t index) const {
    const WayNode& node = picture_.nodes[index];
    const Box& box = boxes_[index];
    std::string svg = fmt::format(
        "<g class=\"node{}\"><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\"/>\n"
        "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\n",
        node.binds ? " binds" : "", html_text(node.name), box.left, box.top, box_width, box.height, box.left + 9,
        box.top + 19, html_text(cut(node.name)));
    int y = box.top + 19;
    for (const std::string& fact : node.facts) {
      y += line_height;
      svg += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", box.left + 9, y, html_text(fact));
    }
    return svg + "</g>\n";
  }

  const WayPicture& picture_;
  std::vector<Box> boxes_{};
  int width_ = 0;
  int height_ = 0;
};

std::string ways_table(const WayPicture& picture) {
  Table table({{"from"}, {"to"}, {"workload"}, {"connections"}, {"binds"}});
  for (const WayEdge& edge : picture.edges) {
    const bool binds = edge.binds || picture.nodes[edge.to].binds;
    table.add(
        {picture.nodes[edge.from].name, picture.nodes[edge.to].name, edge.name, edge.figures, binds ? "here" : ""});
  }
  return table.html();
}

}  // namespace

std::string way_section(const WayPicture& picture, const std::string& id) {
  if (picture.edges.empty()) return {};
  std::string text = fmt::format("<h3>Who connects to whom</h3>\n<div class=\"scroll\" tabindex=\"0\">\n{}</div>\n",
                                 WaySvg(picture).text(html_text(id)));
  if (picture.nodes_left_out > 0)
    text += fmt::format("<p>{} more groups, gateways and balancers are not drawn.</p>\n", picture.nodes_left_out);
  if (picture.ways_left_out) text += "<p>Not every way is drawn.</p>\n";
  return text + fmt::format("<details><summary>The same as a table</summary>\n{}</details>\n", ways_table(picture));
}

}  // namespace netlimits::report
