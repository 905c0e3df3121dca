// One row a fault; the same rows as text, Markdown and JSON.
#include "report/fuzz/fault_hunt_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "scenarios/script_writer.hpp"

namespace netlimits::report {
namespace {

using Row = std::array<std::string, 5>;

Row row_of(const fuzz::HuntedFault& fault) {
  Row row{fault.name, fault.believes, "not noticed", "", ""};
  if (!fault.why_not_run.empty()) {
    row[2] = "not run";
    row[4] = fault.why_not_run;
  }
  if (!fault.cases) return row;
  row[2] = grouped(*fault.cases);
  if (fault.never_taken) {
    row[4] = fmt::format("{}: of {} never {} in {} choices", fault.never_taken->rule,
                         fmt::join(fault.never_taken->candidates, ", "), fault.never_taken->port,
                         grouped(fault.never_taken->choices));
    return row;
  }
  row[3] = std::to_string(fault.script.steps.size());
  row[4] = fmt::format("the kernel says {}, the faulty model {}", fault.kernel, fault.model);
  return row;
}

}  // namespace

bool all_noticed(const fuzz::FaultHuntResult& result) {
  return std::all_of(result.faults.begin(), result.faults.end(),
                     [](const fuzz::HuntedFault& fault) { return fault.cases || !fault.why_not_run.empty(); });
}

std::string fault_hunt_text(const fuzz::FaultHuntResult& result) {
  const auto count = [&](auto&& of) {
    return static_cast<std::uint64_t>(std::count_if(result.faults.begin(), result.faults.end(), of));
  };
  const std::uint64_t noticed = count([](const fuzz::HuntedFault& fault) { return fault.cases.has_value(); });
  const std::uint64_t not_run = count([](const fuzz::HuntedFault& fault) { return !fault.why_not_run.empty(); });
  std::string text = fmt::format("seed {}: {} of {} planted faults noticed within {}\n", result.seed, noticed,
                                 result.faults.size() - not_run, counted(result.cases, "cases"));
  if (not_run > 0) text += fmt::format("{} not run\n", counted(not_run, "faults"));
  if (result.left_out > 0) {
    text += fmt::format("{} left out: {}\n", counted(result.left_out, "cases"), text_line(result.why_left_out));
  }
  Table table({{"fault", Align::left},
               {"what the faulty model believes", Align::left},
               {"cases", Align::right},
               {"steps", Align::right},
               {"how it showed", Align::left}});
  for (const fuzz::HuntedFault& fault : result.faults) {
    const Row row = row_of(fault);
    table.add({row[0], row[1], row[2], row[3], row[4]});
  }
  return text + "\n" + table.text({});
}

std::string fault_hunt_markdown(const fuzz::FaultHuntResult& result) {
  std::string text =
      "| fault | what the faulty model believes | noticed after cases | steps, shrunk | how it showed |\n"
      "| --- | --- | ---: | ---: | --- |\n";
  for (const fuzz::HuntedFault& fault : result.faults) {
    Row row = row_of(fault);
    for (std::string& cell : row) cell = markdown_text(cell);
    text += fmt::format("| {} |\n", fmt::join(row, " | "));
  }
  return text;
}

std::string fault_hunt_json(const fuzz::FaultHuntResult& result, const KernelBasis& basis) {
  nlohmann::json made{{"format", "netlimits.planted-faults/1"},
                      {"seed", result.seed},
                      {"cases", result.cases},
                      {"left_out", result.left_out},
                      {"faults", nlohmann::json::array()}};
  add_basis(made, basis);
  for (const fuzz::HuntedFault& fault : result.faults) {
    nlohmann::json one{{"name", fault.name},     {"believes", fault.believes}, {"noticed_after", nullptr},
                       {"kernel", fault.kernel}, {"model", fault.model},       {"script", nullptr},
                       {"never_taken", nullptr}, {"not_run", nullptr}};
    if (fault.cases) one["noticed_after"] = *fault.cases;
    if (!fault.why_not_run.empty()) one["not_run"] = fault.why_not_run;
    if (!fault.script.steps.empty()) {
      one["script"] =
          nlohmann::json::parse(scenarios::script_file("planted-fault", fault.name, std::span(&fault.script, 1)));
    }
    if (fault.never_taken) {
      one["never_taken"] = {{"rule", fault.never_taken->rule},
                            {"candidates", fault.never_taken->candidates},
                            {"port", fault.never_taken->port},
                            {"choices", fault.never_taken->choices}};
    }
    made["faults"].push_back(std::move(one));
  }
  return json_bytes(made);
}

}  // namespace netlimits::report
