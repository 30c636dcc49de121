-- Holds the number 0010 until the branch that has it is merged; deleted then.
SELECT 1;
