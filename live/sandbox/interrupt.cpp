// The signal handlers and the one flag that they set.
#include "live/sandbox/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace netlimits::live {
namespace {

volatile std::sig_atomic_t signalled = 0;
volatile std::sig_atomic_t code_at_once = 0;

void remember(int /*number*/) { signalled = 1; }

void exit_at_once(int /*number*/) { ::_exit(code_at_once); }

void handle(void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

}  // namespace

void exit_on_interrupts(int code) {
  code_at_once = code;
  handle(exit_at_once, 0);
}

// One chance to clean up; the next signal acts as ever.
void remember_interrupts() { handle(remember, static_cast<int>(SA_RESETHAND)); }

bool interrupted() { return signalled != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted{};
}

}  // namespace netlimits::live
