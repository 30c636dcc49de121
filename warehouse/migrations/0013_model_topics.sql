-- Topics may come from a model that a user has trained.

COMMENT ON COLUMN article_topics.method IS 'What made it a topic of the article: rule (its words), category (the publisher files it so) or model (trained on labels of one''s own); null for rows from before this column.';
COMMENT ON COLUMN article_topics.score IS 'Sum of the evidence, without a unit; above 0. With the method model, what a topic needs by the rules times how far the model is above its bound.';
COMMENT ON COLUMN article_topics.evidence IS 'What counted, strongest first: phrases; channel: and a category of the publisher; for a model, terms, and rule: and a topic that the rules found.';
