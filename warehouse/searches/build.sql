-- The index of all words, in the file that gather.sql filled. No stemmer and no stop words: the
-- articles are in many languages. Only the index stays, the texts do not.
PRAGMA create_fts_index(
    'documents', 'version_id', 'title', 'text',
    stemmer = 'none', stopwords = 'none', ignore = '[^\p{L}\p{N}]+'
);
DROP TABLE documents;
CHECKPOINT building;
