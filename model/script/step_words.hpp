// What a step gave and what it should have given, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/script/script.hpp"
#include "model/script/script_interpreter.hpp"

namespace netlimits {

std::string any_of(const std::vector<std::string>& results);  // "ok" when none is named
// "3 sockets: 127.0.0.1:40000, 40002-40003": in the order of addresses and ports, whichever socket has which.
std::string names_text(std::vector<Endpoint> names);
bool among(std::string_view result, const std::vector<std::string>& results);

std::string values_text(const CallAnswer& answer);
std::string values_text(const Step& step);

// How many numbers a step takes: its own and those of its body.
std::uint32_t numbers_of(const Step& step);

// Did a loop end as it should? `whole`: its whole passes; `ended_by`: the result that ended it, empty for none.
bool judge_loop(const Step& step, std::int64_t whole, const std::string& ended_by, StepResult& result);

// Fills StepResult::found with what the call gave beside its result.
void describe(const Step& step, const CallAnswer& answer, StepResult& result);
void differ(StepResult& result, std::string found, std::string expected);

}  // namespace netlimits
