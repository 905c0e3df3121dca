// The entry point: what to do with an interrupt, and with an exception that nobody caught.
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/messages.hpp"
#include "live/limits/callers_limits.hpp"
#include "live/sandbox/interrupt.hpp"

namespace {

netlimits::cli::ExitCode run(int argument_count, char** arguments) {
  using netlimits::cli::ExitCode;
  // Until a command has something to clean up.
  netlimits::live::exit_on_interrupts(static_cast<int>(ExitCode::interrupted));
  if (const auto too_little = netlimits::live::make_room()) {
    netlimits::cli::complain("netlimits: " + *too_little);
    return ExitCode::bad_input;
  }
  try {
    return netlimits::cli::run_command_line(argument_count, arguments);
  } catch (const netlimits::live::Interrupted&) {
    netlimits::cli::complain("netlimits: interrupted");
    return ExitCode::interrupted;
  } catch (const std::bad_alloc&) {
    netlimits::cli::complain("netlimits: " + netlimits::live::no_memory_text());
    return ExitCode::bad_input;
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::resource_unavailable_try_again) {
      netlimits::cli::complain("netlimits: " + netlimits::live::no_process_text());
      return ExitCode::bad_input;
    }
    netlimits::cli::complain(std::string("netlimits: defect of the program: ") + failure.what());
    return ExitCode::defect;
  } catch (const std::exception& defect) {
    netlimits::cli::complain(std::string("netlimits: defect of the program: ") + defect.what());
    return ExitCode::defect;
  }
}

}  // namespace

int main(int argument_count, char** arguments) { return static_cast<int>(run(argument_count, arguments)); }
