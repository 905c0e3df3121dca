// The signal handlers, what they set, and the timer that ends who does not look.
#include "live/sandbox/interrupt.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <initializer_list>
#include <utility>

namespace netlimits::live {
namespace {

// A program that is told to go is gone within a second, with some of it to spare for a slow machine.
constexpr itimerspec unwinding{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 700'000'000}};

volatile std::sig_atomic_t signalled = 0;
volatile std::sig_atomic_t code_at_once = 0;
volatile std::sig_atomic_t has_timer = 0;
timer_t patience_timer{};

// A handler may read this and nothing that could be half changed.
std::atomic<const char*> removed_name = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);

void exit_at_once(int /*number*/) {
  if (const char* const name = removed_name) ::unlink(name);
  ::_exit(code_at_once);
}

void remember(int number) {
  if (signalled != 0) exit_at_once(number);
  signalled = 1;
  if (has_timer != 0) ::timer_settime(patience_timer, 0, &unwinding, nullptr);
}

void handle(void (*handler)(int), std::initializer_list<int> numbers) {
  struct sigaction action = {};
  action.sa_handler = handler;
  // One after another: a handler that is under way is not interrupted by another signal's.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGALRM}) sigaddset(&action.sa_mask, number);
  for (const int number : numbers) sigaction(number, &action, nullptr);
}

}  // namespace

void exit_on_interrupts(int code) {
  code_at_once = code;
  handle(exit_at_once, {SIGINT, SIGTERM, SIGHUP});
}

void remember_interrupts() {
  handle(exit_at_once, {SIGALRM});
  // It says SIGALRM. A child has no timer of its parent.
  if (has_timer == 0 && ::timer_create(CLOCK_MONOTONIC, nullptr, &patience_timer) == 0) has_timer = 1;
  handle(remember, {SIGINT, SIGTERM, SIGHUP});
}

bool interrupted() { return signalled != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted{};
}

RemovedOnInterrupt::RemovedOnInterrupt(std::string path) : path_(std::move(path)) { removed_name = path_.c_str(); }

RemovedOnInterrupt::~RemovedOnInterrupt() {
  if (!stays_) ::unlink(path_.c_str());
  removed_name = nullptr;
}

}  // namespace netlimits::live
