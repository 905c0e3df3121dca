// One row a fault; the same rows as text, Markdown and JSON.
#include "report/fuzz/scenario_fault_hunt_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::report {
namespace {

using HuntRow = std::array<std::string, 5>;

HuntRow hunt_row(const fuzz::HuntedScenarioFault& fault) {
  if (!fault.cases) return {fault.name, fault.believes, "not noticed", "", ""};
  return {fault.name, fault.believes, grouped(*fault.cases), fault.broken.law, fault.broken.what};
}

}  // namespace

bool all_noticed(const fuzz::ScenarioHuntResult& result) {
  return std::all_of(result.faults.begin(), result.faults.end(),
                     [](const fuzz::HuntedScenarioFault& fault) { return fault.cases.has_value(); });
}

std::string scenario_hunt_text(const fuzz::ScenarioHuntResult& result) {
  const auto noticed = std::count_if(result.faults.begin(), result.faults.end(),
                                     [](const fuzz::HuntedScenarioFault& fault) { return fault.cases.has_value(); });
  std::string text = fmt::format("seed {}: {} of {} wrong engines noticed within {}", result.seed, noticed,
                                 result.faults.size(), counted(result.cases, "random scenarios"));
  if (result.left_out > 0)
    text +=
        fmt::format("; {} left out, since the right engines break a law there", counted(result.left_out, "scenarios"));
  text += "\n";
  Table table({{"fault", Align::left},
               {"what the wrong engine believes", Align::left},
               {"cases", Align::right},
               {"law", Align::left},
               {"how it showed", Align::left}});
  for (const fuzz::HuntedScenarioFault& fault : result.faults) {
    const HuntRow row = hunt_row(fault);
    table.add({row[0], row[1], row[2], row[3], text_line(row[4])});
  }
  return text + "\n" + table.text({});
}

std::string scenario_hunt_markdown(const fuzz::ScenarioHuntResult& result) {
  std::string text =
      "| fault | what the wrong engine believes | noticed after cases | law | how it showed |\n"
      "| --- | --- | ---: | --- | --- |\n";
  for (const fuzz::HuntedScenarioFault& fault : result.faults) {
    HuntRow row = hunt_row(fault);
    for (std::string& cell : row) cell = markdown_text(cell);
    text += fmt::format("| {} |\n", fmt::join(row, " | "));
  }
  return text;
}

std::string scenario_hunt_json(const fuzz::ScenarioHuntResult& result) {
  nlohmann::json made{{"format", "netlimits.planted-scenario-faults/1"},
                      {"seed", result.seed},
                      {"cases", result.cases},
                      {"left_out", result.left_out},
                      {"faults", nlohmann::json::array()}};
  for (const fuzz::HuntedScenarioFault& fault : result.faults) {
    nlohmann::json one{{"name", fault.name}, {"believes", fault.believes}, {"noticed_after", nullptr}, {"law", nullptr},
                       {"what", nullptr},    {"scenario", nullptr}};
    if (fault.cases) {
      one["noticed_after"] = *fault.cases;
      one["law"] = fault.broken.law;
      one["what"] = fault.broken.what;
      one["scenario"] = nlohmann::json::parse(scenarios::scenario_text(fault.scenario));
    }
    made["faults"].push_back(std::move(one));
  }
  return json_bytes(made);
}

}  // namespace netlimits::report
