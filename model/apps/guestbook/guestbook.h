// Guestbook: the example of docs/apps/your_own.md. Guests sign, and look at the newest names.
#pragma once

#include "model/apps/application.h"

namespace tidemark::model {

ApplicationInfo guestbook_application();

}  // namespace tidemark::model
