// The pictures of a page: what is drawn, in which order and how long.
#include <fmt/format.h>
#include <rapidcheck.h>

#include <pugixml.hpp>

#include <string>

#include "report/charts/bar.hpp"
#include "report/charts/course_chart.hpp"
#include "report/charts/headroom_bars.hpp"
#include "report/charts/ladder_chart.hpp"
#include "report/charts/way_picture.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::report;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Parts of a page are well-formed by themselves.
bool is_well_formed(const std::string& html) {
  pugi::xml_document document;
  return static_cast<bool>(document.load_string(fmt::format("<page>{}</page>", html).c_str()));
}

LimitUse use(const std::string& host, std::uint64_t peak, std::uint64_t capacity, bool exhausted = false) {
  return {.limit = Limit::fd_per_process,
          .place = {ProcessPlace{.on = {Name(host)}, .process = Name("app")}},
          .capacity = capacity,
          .peak = peak,
          .exhausted = exhausted,
          .first_exhausted_at = {}};
}

// Behind a balancer, and beside it to the server itself.
Scenario balanced() {
  Scenario scenario = analysis::outbound(100);
  Balancer balancer{.name = "lb", .endpoint = *Endpoint::parse("192.0.2.1:443")};
  balancer.back_ends = {*Endpoint::parse("10.1.0.9:443")};
  scenario.balancers.emplace("lb", balancer);
  scenario.workloads.at("load").to = {balancer.endpoint};
  Workload direct = scenario.workloads.at("load");
  direct.name = "direct";
  direct.to = {balancer.back_ends.front()};
  direct.connections = 7;
  scenario.workloads.emplace("direct", direct);
  return scenario;
}

}  // namespace

TEST_CASE("only what is full reads 100 %, and nothing of nothing is full") {
  CHECK(percent_text(per_mille_of(28'231, 28'232)) == "99.9 %");
  CHECK(percent_text(per_mille_of(28'232, 28'232)) == "100.0 %");
  CHECK(per_mille_of(0, 0) == 1000);
  CHECK(per_mille_of(~std::uint64_t{0} - 1, ~std::uint64_t{0}) == 999);
  CHECK(per_mille_of(~std::uint64_t{0} / 2 + 1, ~std::uint64_t{0}) == 500);
}

TEST_CASE("on a scale of doublings each is as wide as the one before, and more is never shorter") {
  CHECK(per_mille_of_doublings(1, 1024) == 0);
  CHECK(per_mille_of_doublings(32, 1024) == 500);
  CHECK(per_mille_of_doublings(1024, 1024) == 1000);
  CHECK(rc::check([](std::uint64_t a, std::uint64_t b) {
    const auto whole = *rc::gen::arbitrary<std::uint64_t>();
    const std::uint64_t less = std::min(a, b);
    const std::uint64_t more = std::max(a, b);
    RC_ASSERT(per_mille_of_doublings(less, whole) <= per_mille_of_doublings(more, whole));
  }));
}

TEST_CASE("a bar is as long as its share, and a hostile title stays words") {
  const std::string bar = bar_svg(861, BarKind::plain, "a \"b\" <script>");
  CHECK(has(bar, "width=\"86.1%\""));
  CHECK_FALSE(has(bar, "<script>"));
  CHECK(is_well_formed(bar));
  CHECK(has(bar_svg(1500, BarKind::full, ""), "class=\"full\" width=\"100.0%\""));
}

TEST_CASE("what refused somebody comes first, then the fullest, and what nobody used is not drawn") {
  const std::string html =
      headroom_bars({use("low", 1, 1000), use("idle", 0, 10), use("high", 900, 1000), use("met", 5, 10, true)});
  CHECK(html.find("met/app") < html.find("high/app"));
  CHECK(html.find("high/app") < html.find("low/app"));
  CHECK_FALSE(has(html, "idle/app"));
  CHECK(is_well_formed(html));
  CHECK(headroom_bars({use("idle", 0, 10)}).empty());
}

TEST_CASE("of very many limits the fullest are drawn, and how full the next one is is said") {
  std::vector<LimitUse> limits;
  for (std::uint64_t i = 1; i <= 200; ++i) limits.push_back(use(fmt::format("h{}", i), i, 1000));
  const std::string html = headroom_bars(limits);
  CHECK(has(html, "h200/app"));
  CHECK(has(html, "And 170 more, of which none is fuller than 17.0 %"));
  CHECK_FALSE(has(html, ">h170/app<"));
}

TEST_CASE("the ladder has a bar a step, and says how it is drawn where steps are of very different size") {
  const auto capacity = analysis::capacity(analysis::outbound(30'000));
  const std::string html = ladder_chart(capacity);
  CHECK(has(html, "28,232"));
  CHECK(has(html, "ephemeral_ports"));
  CHECK(is_well_formed(html));
  analysis::Capacity far;
  far.held = analysis::Interval::exactly(3);
  far.binding = {{Limit::fd_per_process, use("a", 1, 1).place, analysis::Interval::exactly(3)}};
  far.ladder = {{analysis::Interval::exactly(1'000'000), far.binding}};
  CHECK(has(ladder_chart(far), "(log scale)"));
  far.ladder.front().capacity = analysis::Interval::exactly(30);
  CHECK_FALSE(has(ladder_chart(far), "(log scale)"));
  CHECK(ladder_chart({}).empty());
}

TEST_CASE("the course of a workload is its windows, added up where there are too many") {
  RunResult result;
  CHECK(course_charts(result).empty());
  WorkloadResult& load = result.workloads["load"];
  for (int i = 0; i < 1000; ++i)
    load.windows.push_back(
        {.from = time_zero + std::chrono::seconds(i), .attempted = 3, .established = 2, .failed = 1});
  const std::string html = course_charts(result);
  // 5 windows a step: 200 of them.
  CHECK(has(html, "load: at most 10 in 5 s"));
  CHECK(has(html, "viewBox=\"0 0 200 100\""));
  CHECK(has(html, "<span>1000 s</span>"));
  CHECK(is_well_formed(html));
}

TEST_CASE("a picture has each group once, in columns from who connects to who serves") {
  const WayPicture picture = way_picture(balanced(), nullptr, {});
  REQUIRE(picture.nodes.size() == 3);
  CHECK(picture.nodes[0].name == "client");
  CHECK(picture.nodes[0].column == 0);
  const auto column_of = [&](const std::string& name) {
    for (const WayNode& node : picture.nodes) {
      if (node.name == name) return node.column;
    }
    return std::size_t{99};
  };
  CHECK(column_of("lb") == 1);
  CHECK(column_of("server") == 2);
  REQUIRE(picture.edges.size() == 3);
  CHECK(is_well_formed(way_section(picture, "p")));
}

TEST_CASE("what went over a way is beside it, and the place that binds is marked") {
  RunResult result;
  result.workloads["load"] = {.attempted = 100, .established = 90};
  result.workloads["direct"] = {.attempted = 7, .established = 7};
  result.balancers["lb"] = {{.endpoint = "10.1.0.9:443", .connections = 90}};
  const PlacedLimit to_lb{Limit::ephemeral_ports,
                          {OutboundPlace{.on = {Name("client")}, .destination = *Endpoint::parse("192.0.2.1:443")}}};
  const WayPicture picture = way_picture(balanced(), &result, {to_lb});
  std::size_t marked = 0;
  for (const WayEdge& edge : picture.edges) {
    const std::string& from = picture.nodes[edge.from].name;
    const std::string& to = picture.nodes[edge.to].name;
    CAPTURE(from, to);
    if (from == "client" && to == "lb") {
      CHECK(edge.figures == "90 of 100");
      CHECK(edge.binds);
    } else if (from == "lb") {
      CHECK(edge.figures == "90");
    } else {
      CHECK(edge.figures == "7 of 7");
    }
    marked += edge.binds ? 1 : 0;
  }
  CHECK(marked == 1);
  const PlacedLimit at_server{Limit::fd_per_process, {ProcessPlace{.on = {Name("server")}, .process = Name("web")}}};
  for (const WayNode& node : way_picture(balanced(), &result, {at_server}).nodes)
    CHECK(node.binds == (node.name == "server"));
}

TEST_CASE("hosts that connect to one another in a circle are drawn all the same") {
  Scenario scenario = analysis::outbound(5);
  Workload back = scenario.workloads.at("load");
  back.name = "back";
  back.from_host = "server";
  back.from_process = "web";
  back.to = {*Endpoint::parse("10.0.0.5:80")};
  scenario.hosts.at("client").processes.front().listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:80")}};
  scenario.workloads.emplace("back", back);
  const WayPicture picture = way_picture(scenario, nullptr, {});
  CHECK(picture.nodes.size() == 2);
  CHECK(picture.edges.size() == 2);
  CHECK(is_well_formed(way_section(picture, "p")));
}

TEST_CASE("of very many groups some are drawn, and how many are not is said") {
  Scenario scenario = analysis::outbound(5);
  for (int i = 10; i < 60; ++i) {
    const std::string name = fmt::format("c{}", i);
    HostGroup more = scenario.hosts.at("client");
    more.name = name;
    more.addresses = {*AddressBlock::parse(fmt::format("10.0.1.{}", i))};
    scenario.hosts.emplace(name, more);
    Workload load = scenario.workloads.at("load");
    load.name = load.from_host = name;
    scenario.workloads.emplace(name, load);
  }
  const WayPicture picture = way_picture(scenario, nullptr, {});
  CHECK(picture.nodes.size() == 24);
  CHECK(picture.nodes_left_out == 52 - 24);
  CHECK(has(way_section(picture, "p"), "28 more groups, gateways and balancers are not drawn"));
}
