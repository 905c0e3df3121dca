// Steps in a box that stretches: lines keep their width, and the words stand outside of it.
#include "report/charts/course_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "report/charts/bar.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

constexpr std::size_t most_steps = 240;
constexpr int chart_height = 100;

struct Course {
  std::vector<std::uint64_t> established{};
  std::vector<std::uint64_t> failed{};
  std::size_t windows_a_step = 1;
  std::uint64_t most = 0;
};

Course course_of(const std::vector<WindowCount>& windows) {
  Course course;
  course.windows_a_step = (windows.size() + most_steps - 1) / most_steps;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (i % course.windows_a_step == 0) {
      course.established.push_back(0);
      course.failed.push_back(0);
    }
    course.established.back() += windows[i].established;
    course.failed.back() += windows[i].failed;
    course.most = std::max({course.most, course.established.back(), course.failed.back()});
  }
  return course;
}

// A line of steps from left to right, in a thousandth of the chart_height.
std::string steps_path(const std::vector<std::uint64_t>& counts, std::uint64_t most) {
  std::string path;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t y = 1000 - per_mille_of(counts[i], most);
    path += fmt::format("{}{} {}.{}H{}", i == 0 ? "M" : "L", i, y / 10, y % 10, i + 1);
  }
  return path;
}

std::string chart_of(const std::string& name, const std::vector<WindowCount>& windows) {
  const Course course = course_of(windows);
  const std::uint64_t most = std::max<std::uint64_t>(course.most, 1);
  const Duration length = windows.size() > 1 ? windows[1].from - windows[0].from : Duration{};
  const auto step = static_cast<std::int64_t>(course.windows_a_step);
  const SimTime end = windows.back().from + length;
  const std::string about = fmt::format("{}: at most {} in {}", name, grouped(course.most),
                                        length > Duration{} ? seconds_text(length * step) : std::string("one window"));
  return fmt::format(
      "<figure>\n<figcaption>{}</figcaption>\n<svg class=\"course\" role=\"img\" viewBox=\"0 0 {} {}\" "
      "preserveAspectRatio=\"none\" width=\"100%\" height=\"120\"><title>{}</title><path class=\"established\" "
      "d=\"{}\"/><path class=\"failed\" d=\"{}\"/></svg>\n<p class=\"axis\"><span>{}</span><span><span "
      "class=\"key established\"></span> established <span class=\"key failed\"></span> "
      "failed</span><span>{}</span></p>\n</figure>\n",
      html_text(about), course.established.size(), chart_height, html_text(about), steps_path(course.established, most),
      steps_path(course.failed, most), seconds_text(windows.front().from.time_since_epoch()),
      seconds_text(end.time_since_epoch()));
}

}  // namespace

std::string course_charts(const RunResult& result) {
  std::string text;
  for (const auto& [name, workload] : result.workloads) {
    if (!workload.windows.empty()) text += chart_of(name, workload.windows);
  }
  return text.empty() ? text : "<h3>In the course of time</h3>\n" + text;
}

}  // namespace netlimits::report
