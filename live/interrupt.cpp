#include "live/interrupt.hpp"

#include <signal.h>

#include <csignal>
#include <initializer_list>

namespace netlimits::live {
namespace {

volatile std::sig_atomic_t signalled = 0;

void remember(int /*number*/) { signalled = 1; }

}  // namespace

void remember_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // One chance to clean up; the next signal acts as ever.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

bool interrupted() { return signalled != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted{};
}

}  // namespace netlimits::live
