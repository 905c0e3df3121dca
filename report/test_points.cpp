// The escaping that each format needs, then one function a format.
#include "report/test_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/html_page.hpp"
#include "report/table.hpp"

namespace netlimits::report {
namespace {

// The next run of points of one suite: what comes one after another belongs together.
template <class Visit>
void each_suite(std::span<const TestPoint> points, Visit&& visit) {
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin + 1;
    while (end < points.size() && points[end].suite == points[begin].suite && points[end].file == points[begin].file) {
      ++end;
    }
    visit(points.subspan(begin, end - begin));
    begin = end;
  }
}

std::size_t count_of(std::span<const TestPoint> points, PointOutcome outcome) {
  return static_cast<std::size_t>(
      std::count_if(points.begin(), points.end(), [&](const TestPoint& point) { return point.outcome == outcome; }));
}

// XML 1.0 text, in an attribute or between tags. Control characters other than blank, tab and line ends cannot be said
// in XML at all (2.2, Char) and become a question mark.
std::string xml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return escaped;
}

std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

// A description in TAP ends at an unescaped #.
std::string tap_text(const std::string& text) {
  std::string escaped;
  for (const char c : on_one_line(text)) {
    if (c == '#' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// A scalar in the YAML block of a TAP point: double quotes take anything.
std::string yaml(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// Workflow commands: %, line ends, and in properties also : and , have a meaning of their own.
std::string command_data(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n') {
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string command_property(const std::string& text) {
  std::string escaped;
  for (const char c : command_data(text)) {
    if (c == ':' || c == ',') {
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string summary_of(std::span<const TestPoint> suite) {
  const std::size_t failed = count_of(suite, PointOutcome::failed);
  const std::size_t skipped = count_of(suite, PointOutcome::skipped);
  std::string text = fmt::format("{} of {} hold", suite.size() - failed - skipped, suite.size());
  if (skipped > 0) text += fmt::format(", {} not determined", skipped);
  return text;
}

}  // namespace

std::string markdown_text(const std::string& text) {
  std::string escaped;
  for (const char c : on_one_line(text)) {
    if (std::string("\\`*_[]<>|").find(c) != std::string::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string junit(std::span<const TestPoint> points) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites name=\"netlimits\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" errors=\"0\">\n",
                      points.size(), count_of(points, PointOutcome::failed), count_of(points, PointOutcome::skipped));
  each_suite(points, [&](std::span<const TestPoint> suite) {
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" errors=\"0\">\n",
                        xml(suite.front().suite), suite.size(), count_of(suite, PointOutcome::failed),
                        count_of(suite, PointOutcome::skipped));
    for (const TestPoint& point : suite) {
      const std::string file = point.file.empty() ? "" : fmt::format(" file=\"{}\"", xml(point.file));
      text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"{}", xml(point.suite), xml(point.name), file);
      if (point.outcome == PointOutcome::ok) {
        text += "/>\n";
        continue;
      }
      text += ">\n";
      if (point.outcome == PointOutcome::skipped) {
        text += fmt::format("      <skipped message=\"{}\"/>\n", xml(point.message));
      } else {
        text += fmt::format("      <failure message=\"{}\">{}</failure>\n", xml(point.message), xml(point.details));
      }
      text += "    </testcase>\n";
    }
    text += "  </testsuite>\n";
  });
  return text + "</testsuites>\n";
}

std::string tap(std::span<const TestPoint> points) {
  std::string text = "TAP version 13\n";
  if (points.empty()) return text + "1..0 # SKIP nothing to check\n";
  text += fmt::format("1..{}\n", points.size());
  bool several = false;
  for (const TestPoint& point : points) several = several || point.suite != points.front().suite;
  std::size_t number = 0;
  for (const TestPoint& point : points) {
    const std::string name = several ? point.suite + ": " + point.name : point.name;
    text +=
        fmt::format("{} {} - {}", point.outcome == PointOutcome::failed ? "not ok" : "ok", ++number, tap_text(name));
    if (point.outcome == PointOutcome::skipped) text += " # SKIP " + on_one_line(point.message);
    text += "\n";
    if (point.outcome != PointOutcome::failed) continue;
    text += "  ---\n  message: " + yaml(point.message) + "\n";
    if (!point.details.empty()) text += "  details: " + yaml(point.details) + "\n";
    text += "  ...\n";
  }
  return text;
}

std::string github(std::span<const TestPoint> points) {
  std::string text;
  each_suite(points, [&](std::span<const TestPoint> suite) {
    const std::string file =
        suite.front().file.empty() ? "" : fmt::format("file={},", command_property(suite.front().file));
    for (const TestPoint& point : suite) {
      if (point.outcome != PointOutcome::failed) continue;
      const std::string details = point.details.empty() ? "" : "\n" + point.details;
      text += fmt::format("::error {}title={}::{}\n", file, command_property(point.suite + ": " + point.name),
                          command_data(point.message + details));
    }
    text += fmt::format("::notice {}title={}::{}\n", file, command_property(suite.front().suite),
                        command_data(summary_of(suite)));
  });
  return text;
}

std::string markdown(std::span<const TestPoint> points) {
  std::string text;
  each_suite(points, [&](std::span<const TestPoint> suite) {
    if (!text.empty()) text += "\n";
    text += fmt::format("### {}: {}\n\n| | check | why |\n| --- | --- | --- |\n", markdown_text(suite.front().suite),
                        summary_of(suite));
    for (const TestPoint& point : suite) {
      const char* mark = point.outcome == PointOutcome::ok       ? "ok"
                         : point.outcome == PointOutcome::failed ? "**fails**"
                                                                 : "skipped";
      text += fmt::format("| {} | {} | {} |\n", mark, markdown_text(point.name), markdown_text(point.message));
    }
  });
  return text;
}

std::string html(std::span<const TestPoint> points) {
  std::string text;
  each_suite(points, [&](std::span<const TestPoint> suite) {
    text += fmt::format("<section>\n<h2>{}</h2>\n<p class=\"verdict {}\">{}</p>\n", html_text(suite.front().suite),
                        count_of(suite, PointOutcome::failed) == 0 ? "ok" : "bad", html_text(summary_of(suite)));
    Table table({{"check"}, {"outcome"}, {"why"}});
    for (const TestPoint& point : suite) {
      const char* outcome = point.outcome == PointOutcome::ok       ? "ok"
                            : point.outcome == PointOutcome::failed ? "FAILS"
                                                                    : "skipped";
      table.add({point.name, outcome, point.message});
    }
    text += table.html() + "</section>\n";
  });
  return text;
}

}  // namespace netlimits::report
