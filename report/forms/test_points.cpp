// One function a format.
#include "report/forms/test_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <pugixml.hpp>

#include "report/forms/escaping.hpp"
#include "report/forms/table.hpp"

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

std::string summary_of(std::span<const TestPoint> suite) {
  const std::size_t failed = count_of(suite, PointOutcome::failed);
  const std::size_t skipped = count_of(suite, PointOutcome::skipped);
  std::string text = fmt::format("{} of {} hold", suite.size() - failed - skipped, suite.size());
  if (skipped > 0) text += fmt::format(", {} not determined", skipped);
  return text;
}

// Characters only: a standard library's stream would have to be the one that libpugixml was built with.
class IntoText : public pugi::xml_writer {
 public:
  explicit IntoText(std::string& text) : text_(text) {}
  void write(const void* data, std::size_t size) override { text_.append(static_cast<const char*>(data), size); }

 private:
  std::string& text_;
};

}  // namespace

std::string junit(std::span<const TestPoint> points) {
  pugi::xml_document document;
  const auto set = [](pugi::xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(xml_line(value).c_str());
  };
  const auto count = [](pugi::xml_node node, std::span<const TestPoint> counted) {
    node.append_attribute("tests").set_value(counted.size());
    node.append_attribute("failures").set_value(count_of(counted, PointOutcome::failed));
    node.append_attribute("skipped").set_value(count_of(counted, PointOutcome::skipped));
    node.append_attribute("errors").set_value(0);
  };
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  pugi::xml_node all = document.append_child("testsuites");
  set(all, "name", "netlimits");
  count(all, points);
  each_suite(points, [&](std::span<const TestPoint> suite) {
    pugi::xml_node of_suite = all.append_child("testsuite");
    set(of_suite, "name", suite.front().suite);
    count(of_suite, suite);
    if (!suite.front().rests_on.empty()) {
      pugi::xml_node property = of_suite.append_child("properties").append_child("property");
      set(property, "name", "rests on");
      set(property, "value", suite.front().rests_on);
    }
    for (const TestPoint& point : suite) {
      pugi::xml_node test = of_suite.append_child("testcase");
      set(test, "classname", point.suite);
      set(test, "name", point.name);
      if (!point.file.empty()) set(test, "file", point.file);
      if (point.outcome == PointOutcome::ok) continue;
      pugi::xml_node outcome = test.append_child(point.outcome == PointOutcome::skipped ? "skipped" : "failure");
      set(outcome, "message", point.message);
      if (point.outcome == PointOutcome::failed) outcome.text().set(xml_lines(point.details).c_str());
    }
  });
  std::string text;
  IntoText writer(text);
  document.save(writer, "  ");
  return text;
}

std::string tap(std::span<const TestPoint> points) {
  std::string text = "TAP version 13\n";
  if (points.empty()) return text + "1..0 # SKIP nothing to check\n";
  text += fmt::format("1..{}\n", points.size());
  bool several = false;
  for (const TestPoint& point : points) several = several || point.suite != points.front().suite;
  std::size_t number = 0;
  std::string told;
  for (const TestPoint& point : points) {
    if (point.rests_on != told) {
      told = point.rests_on;
      if (!told.empty()) text += fmt::format("# {}\n", text_line(told));
    }
    const std::string name = several ? point.suite + ": " + point.name : point.name;
    text +=
        fmt::format("{} {} - {}", point.outcome == PointOutcome::failed ? "not ok" : "ok", ++number, tap_text(name));
    if (point.outcome == PointOutcome::skipped) text += " # SKIP " + tap_text(point.message);
    text += "\n";
    if (point.outcome != PointOutcome::failed) continue;
    text += "  ---\n  message: " + tap_scalar(point.message) + "\n";
    if (!point.details.empty()) text += "  details: " + tap_scalar(point.details) + "\n";
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
                          command_data(text_line(point.message) + details));
    }
    const std::string& rests_on = suite.front().rests_on;
    text += fmt::format(
        "::notice {}title={}::{}\n", file, command_property(suite.front().suite),
        command_data(fmt::format("{}{}{}", summary_of(suite), rests_on.empty() ? "" : "\n", text_line(rests_on))));
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
