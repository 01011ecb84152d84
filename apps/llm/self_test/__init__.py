"""Does a model answer at all, and how well? For `doctor` and the admin site. No Django here."""

from apps.llm.self_test.grading import grade
from apps.llm.self_test.marks import Grade, Mark
from apps.llm.self_test.reaching import reach

__all__ = ["Grade", "Mark", "grade", "reach"]
