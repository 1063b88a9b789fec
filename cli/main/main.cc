#include "cli/app.h"

int main(int argc, char** argv) {
  return tidemark::cli::run_main(argc, argv);
}
